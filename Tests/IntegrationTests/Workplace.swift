import Foundation
import Testing
import Zstd

/// A folder of its own for one test, with what a job needs in it; removed at the end.
struct Workplace: ~Copyable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "milvus-backfill-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }

    /// Writes lines as a dump of zstd frames.
    func writeDump(_ lines: [String], to name: String, linesPerFrame: Int = .max) throws {
        var bytes = Data()
        var rest = lines[...]
        while !rest.isEmpty {
            let frame = rest.prefix(linesPerFrame)
            rest = rest.dropFirst(frame.count)
            bytes.append(contentsOf: try ZstdCompressor.frame(Array(frame.map { $0 + "\n" }.joined().utf8)))
        }
        try bytes.write(to: folder.appending(path: name))
    }

    /// Writes `job.yaml`.
    func writeJob(
        paths: [String], uri: String, collection: String, record: String = "{}", run: String = "{}",
        target: String = "", dump: String = ""
    ) throws {
        try write(
            """
            source: {dump: {paths: \(paths)\(dump)}}
            record: \(record)
            target: {milvus: {uri: "\(uri)", collection: \(collection)\(target)}}
            run: \(run)
            """, to: "job.yaml")
    }

    /// Runs the program on `job.yaml`.
    func backfill(
        _ command: String = "run", _ arguments: [String] = [], environment: [String: String] = [:]
    ) async throws -> CommandResult {
        try await Command.run(
            TestEnvironment.binary(), [command, path("job.yaml")] + arguments, environment: environment)
    }

    /// Runs the program and reads its report.
    func report(_ arguments: [String] = []) async throws -> (code: Int32, report: NSDictionary) {
        let result = try await backfill("run", ["--report-json", path("report.json")] + arguments)
        let data = try Data(contentsOf: folder.appending(path: "report.json"))
        let report = try #require(
            try JSONSerialization.jsonObject(with: data) as? NSDictionary, "no report: \(result.errors)")
        return (result.exitCode, report)
    }
}
