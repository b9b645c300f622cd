import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct KillAndResumeTests {
    /// The checkpoint moves by a mebibyte at a time, so there have to be many.
    private static let (messages, keys, padding) = (24_000, 2_000, 1_500)

    @Test(arguments: [1, 4, 16])
    func everyRowOfADumpIsRightAfterFiftyKills(lanes: Int) async throws {
        try await killRunsOfADump(uri: TestEnvironment.lite(), lanes: lanes, kills: 50)
    }

    @Test func everyRowOfADumpIsRightAfterKillsOnTheFullServer() async throws {
        try await killRunsOfADump(uri: TestEnvironment.full(), lanes: 4, kills: 20)
    }

    @Test(arguments: [1, 4, 16])
    func everyRowOfATopicIsRightAfterFiftyKills(lanes: Int) async throws {
        try await killRunsOfATopic(uri: TestEnvironment.lite(), lanes: lanes, kills: 50)
    }

    @Test func everyRowOfATopicIsRightAfterKillsOnTheFullServer() async throws {
        try await killRunsOfATopic(uri: TestEnvironment.full(), lanes: 4, kills: 20)
    }

    private func killRunsOfADump(uri: String, lanes: Int, kills: Int) async throws {
        let seed = Self.newSeed(uri: uri, lanes: lanes)
        var runs = KilledRuns(seed: seed, kills: kills, messages: Self.messages)
        let source = RandomSource(seed: seed, messages: Self.messages, keys: Self.keys, padding: Self.padding)
        let (collection, oracle) = ("kill_dump_\(lanes)", Oracle(uri: uri))
        let place = try Workplace()
        let lines = source.lines
        let third = lines.count / 3
        for part in 0..<3 {
            try place.writeDump(
                Array(lines[(part * third)..<(part == 2 ? lines.count : (part + 1) * third)]),
                to: "part-\(part).jsonl.zst", linesPerFrame: part == 1 ? .max : 1_500)
        }
        try place.writeJob(
            paths: ["part-*.jsonl.zst"], uri: uri, collection: collection, record: "{drop: [padding]}",
            run: Self.smallBatches(lanes))
        try await runs.check(
            place, oracle, collection: collection, schema: RandomSource.schema, expected: source.rows())
    }

    private func killRunsOfATopic(uri: String, lanes: Int, kills: Int) async throws {
        let seed = Self.newSeed(uri: uri, lanes: lanes)
        var runs = KilledRuns(seed: seed, kills: kills, messages: Self.messages)
        let topic = RandomTopic(
            seed: seed, messages: Self.messages, keys: Self.keys, padding: Self.padding, withRejects: true)
        let (name, oracle) = ("kill_topic_\(lanes)", Oracle(uri: uri))
        let expected = try await topic.write(to: name, try Topics.shared())
        let place = try Workplace()
        try place.writeTopicJob(
            ranges: ["{topic: \(name), start: earliest, end: latest}"], uri: uri, collection: name,
            record: RandomTopic.record, run: Self.smallBatches(lanes))
        try await runs.check(
            place, oracle, collection: name, schema: RandomTopic.schema, expected: expected.rows,
            rejects: expected.rejects)
    }

    private static func newSeed(uri: String, lanes: Int) -> UInt64 {
        let seed = UInt64.random(in: 0..<1_000_000)
        print("kill and resume: seed \(seed), \(lanes) lanes, \(uri)")
        return seed
    }

    /// They make the run long enough to be killed in the middle of it.
    private static func smallBatches(_ lanes: Int) -> String { "{lanes: \(lanes), batch: {rows: 5}}" }
}
