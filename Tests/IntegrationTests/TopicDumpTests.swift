import Foundation
import Subprocess
import Testing

/// A topic by way of a dump.
@Suite(.serialized) struct TopicDumpTests {
    private let topic = "dumped"

    /// A topic, and what loading it has made: rows of the collection of the same name, one line each.
    private func load(
        _ place: borrowing Workplace, seed: UInt64, _ oracle: Oracle, _ topics: Topics
    ) async throws -> [Substring] {
        let expected = try await RandomTopic(seed: seed, messages: 5_000, keys: 500, withRejects: true)
            .write(to: topic, topics)
        try place.writeTopicJob(
            ranges: ["{topic: \(topic), start: earliest, end: latest}"], uri: oracle.uri, collection: topic,
            record: RandomTopic.record)
        try await oracle.create(topic, RandomTopic.schema)
        let result = try await place.backfill()
        #expect(result.exitCode == 3, "\(result.errors)")
        let text = try await oracle.text(of: topic)
        let differences = RowComparison.differences(between: try Oracle.rows(in: text), and: expected.rows)
        #expect(differences.isEmpty, "seed \(seed): \(differences.prefix(10))")
        return text.split(separator: "\n").sorted()
    }

    /// Every part of every message, in the order of their places. Which broker sent it is no part of a message.
    private static func messages(in text: String) throws -> [[NSObject?]] {
        let members = ["topic", "tstype", "ts", "headers", "key", "payload"]
        return try zip(Topics.places(in: text), jsonLines(text))
            .sorted { ($0.0.partition, $0.0.offset) < ($1.0.partition, $1.0.offset) }
            .map { place, line in
                members.map { line[$0] as? NSObject } + [place.partition as NSNumber, place.offset as NSNumber]
            }
    }

    /// What loading a dump makes of it.
    private func loadDump(_ place: borrowing Workplace, _ path: String, _ oracle: Oracle) async throws -> [Substring] {
        try place.writeJob(
            paths: [path], uri: oracle.uri, collection: "from_dump", record: RandomTopic.record,
            run: "{checkpoint: dump.json}")
        try await oracle.create("from_dump", RandomTopic.schema)
        let result = try await place.backfill()
        #expect(result.exitCode == 3, "\(result.errors)")
        return try await oracle.text(of: "from_dump").split(separator: "\n").sorted()
    }

    @Test func whatKcatPrintsMakesTheRowsThatTheTopicMakes() async throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        let (oracle, topics) = (Oracle(uri: try TestEnvironment.lite()), try Topics.shared())
        let place = try Workplace()
        let rows = try await load(place, seed: seed, oracle, topics)
        _ = try await Command.output(
            of: "/bin/sh",
            [
                "-c", #"kcat -b "$1" -C -q -e -J -t "$2" -o beginning | zstd -q -o "$3""#, "sh", topics.bootstrap,
                topic,
                place.path("dump.jsonl.zst"),
            ])
        #expect(try await loadDump(place, "dump.jsonl.zst", oracle) == rows, "seed \(seed)")
    }

    @Test func theProgramsOwnDumpHoldsWhatKcatPrintsThoughItWasKilled() async throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        let (oracle, topics) = (Oracle(uri: try TestEnvironment.lite()), try Topics.shared())
        let place = try Workplace()
        let rows = try await load(place, seed: seed, oracle, topics)
        let (binary, arguments) = (
            try TestEnvironment.binary(), ["dump", place.path("job.yaml"), "--output", place.path("dump")]
        )
        for milliseconds in stride(from: 20, to: 200, by: 15) {
            let killed = try await Command.run(
                binary, arguments, signals: [(.kill, after: .milliseconds(milliseconds))])
            #expect(killed.exitCode == 137 || killed.exitCode == 0, "\(killed.errors)")
        }
        _ = try await Command.output(of: binary, arguments)

        let files = try FileManager.default.contentsOfDirectory(atPath: place.path("dump"))
            .filter { $0.hasSuffix(".zst") }.map { place.path("dump/\($0)") }
        let dump = try Self.messages(in: try await Command.output(of: "/usr/bin/env", ["zstd", "-dcq"] + files))
        let printed = try Self.messages(in: try await Kcat(bootstrap: topics.bootstrap).text(of: topic))
        try #require(dump.count == printed.count, "seed \(seed)")
        let different = zip(dump, printed).first { $0 != $1 }
        #expect(different == nil, "seed \(seed)")
        #expect(try await loadDump(place, "dump/*.jsonl.zst", oracle) == rows, "seed \(seed)")
    }
}
