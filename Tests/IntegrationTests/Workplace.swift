import Foundation
import Subprocess
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

    /// A collection that no run has made yet.
    var newCollection: String { "new_\(folder.lastPathComponent.suffix(12))" }

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

    /// Writes `job.yaml` for a dump.
    func writeJob(
        paths: [String], uri: String, collection: String, record: String = "{}", run: String = "{}",
        target: String = "", dump: String = ""
    ) throws {
        try writeJob(
            source: "{dump: {paths: \(paths)\(dump)}}", uri: uri, collection: collection, record: record, run: run,
            target: target)
    }

    /// Writes `job.yaml` for ranges of topics.
    ///
    /// - Parameters:
    ///   - ranges: items of `source.kafka.ranges`; none where flags give them.
    ///   - bootstrap: the brokers; nil: those that `Tests/run.sh` has started.
    ///   - properties: further properties, each with a comma before it.
    ///   - kafka: further keys of `source.kafka`, each with a comma before it.
    func writeTopicJob(
        ranges: [String], bootstrap: String? = nil, uri: String, collection: String, record: String = "{}",
        run: String = "{}", target: String = "", properties: String = "", kafka: String = ""
    ) throws {
        let brokers = try bootstrap ?? TestEnvironment.kafka()
        let list = ranges.isEmpty ? "" : ", ranges: [\(ranges.joined(separator: ", "))]"
        try writeJob(
            source: "{kafka: {properties: {bootstrap.servers: \"\(brokers)\"\(properties)}\(list)\(kafka)}}", uri: uri,
            collection: collection, record: record, run: run, target: target)
    }

    private func writeJob(
        source: String, uri: String, collection: String, record: String, run: String, target: String
    ) throws {
        try write(
            """
            source: \(source)
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

    /// Runs the program on `job.yaml` until it has settled some records, and sends it a signal then.
    func backfill(_ arguments: [String] = [], until signal: Subprocess.Signal) async throws -> CommandResult {
        try await Command.run(TestEnvironment.binary(), ["run", path("job.yaml")] + arguments) { program in
            try await waitUntilUnderWay(program)
            program.send(signal)
        }
    }

    /// Waits until a run has settled more records than the runs before it.
    func waitUntilUnderWay(_ program: RunningProgram) async throws {
        func settled() throws -> Int { try (units() ?? []).reduce(0) { $0 + $1.records } }
        let before = try settled()
        try await program.wait(for: "a checkpoint that is further") { try settled() > before }
    }

    /// Waits until a run holds the job.
    func waitUntilLocked(by program: RunningProgram) async throws {
        let lock = folder.appending(path: "job.checkpoint.json.lock")
        try await program.wait(for: "a lock") {
            // It stands in the file who holds it.
            try FileManager.default.fileExists(atPath: lock.path) && !Data(contentsOf: lock).isEmpty
        }
    }

    /// Runs the program and reads its report.
    func report(_ arguments: [String] = []) async throws -> (code: Int32, report: NSDictionary) {
        let result = try await backfill("run", ["--report-json", path("report.json")] + arguments)
        try #require(FileManager.default.fileExists(atPath: path("report.json")), "no report: \(result.errors)")
        return (result.exitCode, try json("report.json"))
    }

    /// Runs `verify` and reads what it found.
    func verify(_ arguments: [String] = []) async throws -> (code: Int32, found: NSDictionary) {
        let result = try await backfill("verify", ["--json"] + arguments)
        let found = try jsonLines(result.output.split(separator: "\n").joined()).first
        return (result.exitCode, try #require(found, "\(result.errors)"))
    }

    /// Removes what runs of the job have left, so that the next one is the first.
    func forgetRuns() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasPrefix("job.") {
            if name != "job.yaml" { try FileManager.default.removeItem(at: folder.appending(path: name)) }
        }
    }

    /// The lines of the job's reject file, where the job gives no other path.
    func rejects() async throws -> String {
        try await Command.output(of: "/usr/bin/env", ["zstd", "-dc", path("job.rejects.jsonl.zst")])
    }

    /// A file that the program has written, such as its checkpoint `job.checkpoint.json`.
    func json(_ name: String) throws -> NSDictionary {
        let data = try Data(contentsOf: folder.appending(path: name))
        return try #require(try JSONSerialization.jsonObject(with: data) as? NSDictionary)
    }

    /// The job's units in its checkpoint; nil before the first one is written.
    func units() throws -> [(position: NSObject, records: Int)]? {
        guard FileManager.default.fileExists(atPath: path("job.checkpoint.json")) else { return nil }
        return try #require(try json("job.checkpoint.json")["units"] as? [NSDictionary]).map { unit in
            let counts = try #require(unit["counts"] as? NSDictionary)
            return (try #require(unit["position"] as? NSObject), try #require(counts["read"] as? Int))
        }
    }
}
