import Foundation
import Subprocess
import SystemPackage
import Testing

/// Makes, fills and looks at topics through Confluent's client, so that what this project reads is written by somebody
/// else.
struct Topics {
    /// Where a message lies.
    struct Place: Hashable {
        var partition: Int
        var offset: Int
    }

    /// What a partition holds: from the first offset that is there up to the one behind the last.
    struct Log: Equatable {
        var start: Int
        var end: Int
        /// Where the first open transaction begins; the end without one.
        var stableEnd: Int
    }

    let bootstrap: String

    /// The topics of the broker that `Tests/run.sh` has started.
    static func shared() throws -> Topics { Topics(bootstrap: try TestEnvironment.kafka()) }

    /// Makes a topic anew.
    func create(_ topic: String, partitions: Int = 1) async throws {
        _ = try await ask("create", topic, "\(partitions)")
    }

    /// Makes a topic anew that the broker compacts at once, except for its newest segment, and fills it with one
    /// segment for each list of messages.
    ///
    /// - Returns: the offsets that are left when it is compacted.
    func createCompacted(_ topic: String, segments: [[TopicMessage]]) async throws -> [Int] {
        _ = try await ask("compact", topic, "1")
        return try await fillCompacted(topic, segments: segments)
    }

    /// The same with a topic that is there, and that the broker has not compacted so far.
    func compact(_ topic: String, segments: [[TopicMessage]]) async throws -> [Int] {
        _ = try await ask("begin-compaction", topic)
        return try await fillCompacted(topic, segments: segments)
    }

    private func fillCompacted(_ topic: String, segments: [[TopicMessage]]) async throws -> [Int] {
        for segment in segments {
            try await produce(segment, to: topic)
            // A segment of this topic ends 100 ms after its first message.
            try await Task.sleep(for: .milliseconds(200))
        }
        let answer = try #require(try jsonLines(try await ask("wait-compacted", topic, "0")).first)
        return try #require(answer["offsets"] as? [Int])
    }

    /// Writes messages in their order.
    ///
    /// - Returns: where each one lies, those of aborted transactions too.
    @discardableResult
    func produce(_ messages: [TopicMessage], to topic: String) async throws -> [Place] {
        let encoder = JSONEncoder()
        let lines = try messages.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }
        let places = try Self.places(in: try await ask("produce", topic, input: lines.joined()))
        try #require(places.count == messages.count)
        return places
    }

    /// Leaves a transaction of three messages open while `body` runs, which gets their places, and commits it then.
    func withOpenTransaction<Result: Sendable>(
        in topic: String, partition: Int = 0, _ body: ([Place]) async throws -> Result
    ) async throws -> Result {
        try await Subprocess.run(
            .path("/usr/bin/env"),
            arguments: Arguments(
                try arguments(
                    ["open-transaction", topic, "\(partition)", "600"], interpreter: TestEnvironment.python())),
            input: .inputWriter, output: .sequence, error: .discarded
        ) { process in
            var places: [Place] = []
            var answers = process.standardOutput.strings().makeAsyncIterator()
            while places.count < 3, let answer = try await answers.next() { places += try Self.places(in: answer) }
            try #require(places.count == 3)
            let result = try await body(places)
            _ = try await process.standardInputWriter.write("commit")
            try await process.standardInputWriter.finish()
            return result
        }.closureResult
    }

    /// What each partition of a topic holds, in the order of their numbers.
    func logs(of topic: String) async throws -> [Log] {
        try jsonLines(try await ask("offsets", topic)).map { answer in
            Log(
                start: try #require(answer["earliest"] as? Int), end: try #require(answer["latest"] as? Int),
                stableEnd: try #require(answer["stable"] as? Int))
        }
    }

    /// Removes the messages before an offset.
    func deleteRecords(of topic: String, partition: Int = 0, before offset: Int) async throws {
        _ = try await ask("delete-records", topic, "\(partition)", "\(offset)")
    }

    func addPartitions(to topic: String, total: Int) async throws {
        _ = try await ask("add-partitions", topic, "\(total)")
    }

    func delete(_ topic: String) async throws {
        _ = try await ask("delete", topic)
    }

    func commit(_ offset: Int, of topic: String, partition: Int = 0, group: String) async throws {
        _ = try await ask("commit", group, topic, "\(partition)", "\(offset)")
    }

    /// What a group has committed; -1001 where that is nothing.
    func committed(_ topic: String, partition: Int = 0, group: String) async throws -> Int {
        let answer = try #require(try jsonLines(try await ask("committed", group, topic, "\(partition)")).first)
        return try #require(answer["offset"] as? Int)
    }

    /// The cluster's id and the names of its topics.
    func cluster() async throws -> (id: String, topics: [String]) {
        let answer = try #require(try jsonLines(try await ask("cluster")).first)
        return (try #require(answer["id"] as? String), try #require(answer["topics"] as? [String]))
    }

    /// The places of messages, one JSON object a line.
    static func places(in text: some StringProtocol) throws -> [Place] {
        try jsonLines(text).map { answer in
            Place(
                partition: try #require(answer["partition"] as? Int), offset: try #require(answer["offset"] as? Int))
        }
    }

    private func arguments(_ arguments: [String], interpreter: String) -> [String] {
        [interpreter, TestFolders.script("topics.py"), bootstrap] + arguments
    }

    private func ask(_ arguments: String..., input: String = "") async throws -> String {
        try await Command.output(
            of: "/usr/bin/env", self.arguments(arguments, interpreter: TestEnvironment.python()), input: input)
    }
}
