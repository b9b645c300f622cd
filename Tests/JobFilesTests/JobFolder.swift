import BackfillCore
import Foundation
import JobFiles

/// A folder with one job file, `articles.yaml`, that goes away with the test.
final class JobFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "job-files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path(percentEncoded: false)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("the folder of a test stays behind: \(error)")
        }
    }

    func load(
        _ text: String,
        set overrides: [String] = [],
        ranges: RangeOverrides = RangeOverrides(),
        environment: [String: String] = [:],
        file: String = "articles.yaml"
    ) throws -> JobSpec {
        let file = "\(path)/\(file)"
        try Data(text.utf8).write(to: URL(filePath: file))
        return try JobFile.load(path: file, overrides: overrides, ranges: ranges, environment: environment)
    }

    /// The Kafka source of a job.
    func kafka(
        _ text: String,
        set overrides: [String] = [],
        ranges: RangeOverrides = RangeOverrides(),
        environment: [String: String] = [:]
    ) throws -> KafkaSource {
        let job = try load(text, set: overrides, ranges: ranges, environment: environment)
        guard case .kafka(let source) = job.source else { throw UnexpectedSource(source: job.source) }
        return source
    }

    private struct UnexpectedSource: Error {
        let source: SourceSpec
    }

    /// The diagnostics of a job file, one a line, without the folder.
    func diagnostics(
        _ text: String,
        set overrides: [String] = [],
        ranges: RangeOverrides = RangeOverrides(),
        environment: [String: String] = [:]
    ) throws -> [String] {
        do throws(any Error) {
            _ = try load(text, set: overrides, ranges: ranges, environment: environment)
            return []
        } catch let error as JobFileError {
            return error.description.replacing("\(path)/", with: "").split(separator: "\n").map(String.init)
        }
    }
}
