import Foundation
import Testing

/// What is wrong with ranges and brokers is said before anything is written.
@Suite(.serialized) struct RangeMistakeTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The job's `source.kafka.ranges`.
        var ranges: [String]
        var flags: [String] = []
        var properties = ""
        var exitCode: Int32 = 65
        /// What the error has to say.
        var words: [String]
    }

    private static let topic = "mistakes"

    static let mistakes = [
        Mistake(
            testDescription: "an unknown topic", ranges: ["{topic: mistaken, start: earliest, end: latest}"],
            words: ["the topic `mistaken` does not exist", "source.kafka.ranges"]),
        Mistake(
            testDescription: "an unknown partition",
            ranges: ["{topic: mistakes, partitions: \"0-2\", start: earliest, end: latest}"],
            words: ["the topic `mistakes` has no partition 2 (it has 2)"]),
        Mistake(
            testDescription: "ranges that overlap",
            ranges: [
                "{topic: mistakes, start: 12, end: 15}", "{topic: mistakes, partition: 0, start: 14, end: latest}",
            ],
            words: ["the ranges 12..15 and 14..20 of mistakes-0 overlap"]),
        Mistake(
            testDescription: "an end before its start", ranges: ["{topic: mistakes, start: 15, end: 12}"],
            words: ["`source.kafka.ranges[0]` ends before it starts"]),
        Mistake(
            testDescription: "an end before the earliest offset",
            ranges: ["{topic: mistakes, partition: 0, start: earliest, end: 5}"],
            words: ["the end 5 of `mistakes:0@earliest..5` lies before its start 10 in mistakes-0"]),
        Mistake(
            testDescription: "an end beyond the high watermark",
            ranges: ["{topic: mistakes, partition: 0, start: 12, end: 21}"],
            words: ["the end 21 of `mistakes:0@12..21` lies beyond", "whose log ends at 20"]),
        Mistake(
            testDescription: "a start beyond the high watermark",
            ranges: ["{topic: mistakes, partition: 0, start: 21, end: latest}"],
            words: ["the end 20 of `mistakes:0@21..latest` lies before its start 21"]),
        Mistake(
            testDescription: "times in the future",
            ranges: ["{topic: mistakes, start: \"2200-01-01T00:00:00Z\", end: \"2200-01-02T00:00:00Z\"}"],
            words: ["the start of", "the end of", "lies in the future"]),
        Mistake(
            testDescription: "a group that has committed nothing",
            ranges: ["{topic: mistakes, start: committed, end: latest}"], properties: ", group.id: nobody",
            words: ["the group has committed no offset of mistakes-0"]),
        Mistake(
            testDescription: "committed offsets of no group",
            ranges: ["{topic: mistakes, start: committed, end: latest}"], words: ["`group.id`"]),
        Mistake(
            testDescription: "a start below the log",
            ranges: ["{topic: mistakes, partition: 0, start: 3, end: latest}"], exitCode: 1,
            words: ["the log of mistakes-0 does not hold the offsets 3..10 any more", "onDataLoss"]),
        Mistake(
            testDescription: "an unknown property", ranges: ["{topic: mistakes, start: earliest, end: latest}"],
            properties: ", fetch.wait.max: 5", words: ["`fetch.wait.max`", "No such configuration property"]),
        Mistake(
            testDescription: "a property's wrong value", ranges: ["{topic: mistakes, start: earliest, end: latest}"],
            properties: ", fetch.wait.max.ms: soon", words: ["`fetch.wait.max.ms`"]),
        Mistake(
            testDescription: "a property on which a promise rests",
            ranges: ["{topic: mistakes, start: earliest, end: latest}"], properties: ", enable.auto.commit: true",
            words: ["enable.auto.commit", "must be `false` or left out", "commits none"]),
        Mistake(
            testDescription: "several at once",
            ranges: [
                "{topic: mistaken, start: earliest, end: latest}", "{topic: mistakes, partition: 9, start: 1, end: 2}",
            ],
            words: ["`mistaken` does not exist", "no partition 9"]),
        Mistake(
            testDescription: "a flag that is no range", ranges: [], flags: ["--range", "mistakes@1"],
            words: ["TOPIC[:PARTITIONS]@START..END"]),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsSaidBeforeAnythingIsWritten(_ mistake: Mistake) async throws {
        let topics = try Topics.shared()
        try await topics.create(Self.topic, partitions: 2)
        try await topics.produce(
            (0..<20).map { Echo.message($0) } + (20..<40).map { Echo.message($0, partition: 1) }, to: Self.topic)
        try await topics.deleteRecords(of: Self.topic, before: 10)
        let place = try Workplace()
        // A server of the job's own shows whether it came as far as to start one.
        try place.writeTopicJob(
            ranges: mistake.ranges, uri: "./local.db", collection: "mistakes", record: Echo.record,
            target: Echo.create, properties: mistake.properties)
        for command in ["plan", "run"] {
            let result = try await place.backfill(command, mistake.flags)
            #expect(result.exitCode == mistake.exitCode, "\(command): \(result.errors)")
            for word in mistake.words { #expect(result.errors.contains(word), "\(command): \(result.errors)") }
            #expect(result.errors.split(separator: "\n").allSatisfy { !$0.contains("unexpected") }, "\(result.errors)")
        }
        #expect(try place.units() == nil)
        #expect(!FileManager.default.fileExists(atPath: place.path("local.db")))
        // Brokers may make a topic when it is asked for.
        #expect(try await !topics.cluster().topics.contains("mistaken"))
    }

    @Test func withoutABrokerTheRunEndsWithinItsPatience() async throws {
        let place = try Workplace()
        try place.writeTopicJob(
            ranges: ["{topic: mistakes, start: earliest, end: latest}"], bootstrap: "127.0.0.1:9", uri: "./local.db",
            collection: "mistakes", target: Echo.create)
        let clock = ContinuousClock()
        let start = clock.now
        let result = try await place.backfill()
        // Thirty seconds and not the five minutes of `run.unavailableTimeout`.
        #expect(start.duration(to: clock.now) < .seconds(120))
        #expect(result.exitCode == 75, "\(result.errors)")
        #expect(result.errors.contains("no Kafka broker at 127.0.0.1:9 answered"), "\(result.errors)")
        #expect(result.errors.contains("Connection refused"), "\(result.errors)")
        #expect(try place.units() == nil)
        #expect(!FileManager.default.fileExists(atPath: place.path("local.db")))
    }

    @Test func aDumpHasNoRanges() async throws {
        let place = try Workplace()
        try place.writeDump(People.records(0..<5), to: "dump.jsonl.zst")
        try place.writeJob(paths: ["dump.jsonl.zst"], uri: "./local.db", collection: "mistakes")
        for flags in [["--range", "t@1..2"], ["--from", "-1h"], ["--ending-offsets", #"{"t":{"0":5}}"#]] {
            let result = try await place.backfill("run", flags)
            #expect(result.exitCode == 65, "\(result.errors)")
            #expect(result.errors.contains(flags[0]), "\(result.errors)")
            #expect(result.errors.contains("the job reads a dump, which has no ranges of offsets"), "\(result.errors)")
        }
    }
}
