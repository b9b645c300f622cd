import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite struct RunHistoryTests {
    private struct Run: Codable, Sendable, Equatable {
        var number: Int
    }

    private let folder = FileManager.default.temporaryDirectory.appending(path: "history-\(UUID().uuidString)")
    private var checkpoint: String { folder.appending(path: "job.checkpoint.json").path }
    private var history: RunHistory<Run> { RunHistory(checkpoint: checkpoint) }

    @Test func runsAreRememberedInOrderAndTheLastOneCanBeReplaced() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try history.load().records == [])
        try history.add(Run(number: 1))
        try history.add(Run(number: 2))
        try history.add(Run(number: 3), replacesLast: true)
        #expect(try history.load().records == [Run(number: 1), Run(number: 3)])
    }

    @Test func theOldestRunsAreForgotten() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try history.add(Run(number: 0))
        let lines = (1...RunHistory<Run>.capacity).map { "{\"number\":\($0)}\n" }.joined()
        try Data(lines.utf8).write(to: URL(filePath: checkpoint + ".history"))
        try history.add(Run(number: -1))
        let records = try history.load().records
        #expect(records.count == RunHistory<Run>.capacity)
        #expect(records.first == Run(number: 2) && records.last == Run(number: -1))
    }

    @Test func linesThatCannotBeReadAreCountedAndKept() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try history.add(Run(number: 1))
        let path = URL(filePath: checkpoint + ".history")
        try Data((try String(contentsOf: path, encoding: .utf8) + "{\"of\":\"another version\"}\n").utf8).write(
            to: path)
        try history.add(Run(number: 2))
        let (records, unreadable) = try history.load()
        #expect(records == [Run(number: 1), Run(number: 2)] && unreadable == 1)
        #expect(try String(contentsOf: path, encoding: .utf8).contains("another version"))
    }
}
