import Foundation
import Testing

/// What the rounds of a catch-up must not pass over in silence: messages that were removed before they were read, partitions
/// that are not read any more, and reject files of other rounds and policies.
@Suite(.serialized) struct CatchUpLossTests {
    private let topic = "catch_up_loss"

    private func writeJob(
        _ place: borrowing Workplace, collection: String, range: String = "start: resume, end: latest",
        onDataLoss: String = "fail", onReject: String = "fail"
    ) throws {
        try place.writeTopicJob(
            ranges: ["{topic: \(topic), \(range)}"], uri: TestEnvironment.lite(), collection: collection,
            record: "{onReject: {policy: \(onReject)}}", target: People.create, kafka: ", onDataLoss: \(onDataLoss)")
    }

    private func messages(_ ids: Range<Int>, partition: Int = 0) -> [TopicMessage] {
        ids.map { TopicMessage(partition: partition, key: "\($0)", value: People.record($0)) }
    }

    private func gaps(_ report: NSDictionary) throws -> [[NSDictionary]] {
        try #require(report["units"] as? [NSDictionary]).map { try #require($0["gaps"] as? [NSDictionary]) }
    }

    // MARK: Loss

    @Test func aRoundOfWhichEverythingIsLostSaysSo() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        try await topics.produce(messages(0..<5), to: topic)
        try writeJob(place, collection: collection)
        #expect(try await place.backfill().exitCode == 0)
        try await topics.produce(messages(5..<9), to: topic)
        try await topics.deleteRecords(of: topic, before: 9)
        let refused = try await place.backfill()
        #expect(refused.exitCode == 1 && refused.errors.contains("the offsets 5..9 any more"), "\(refused.errors)")
        // What was read is looked for all the same; there is nothing left of it to compare with.
        let (undecided, found) = try await place.verify(["--full"])
        #expect(undecided == 1 && found["offsetsLost"] as? Int == 5 && found["undecided"] as? Int == 5, "\(found)")

        try writeJob(place, collection: collection, onDataLoss: "skip")
        let plan = try await place.backfill("plan")
        #expect(plan.output.contains("round 2 begins") && plan.output.contains("lost 5..9"), "\(plan.output)")
        let (code, report) = try await place.report()
        #expect(code == 0 && report["outcome"] as? String == "done", "\(report)")
        #expect(report["round"] as? Int == 2 && report["offsetsLostInAll"] as? Int == 4, "\(report)")
        #expect(try gaps(report) == [[["start": 5, "end": 9]]])
        let status = try await place.backfill("status")
        #expect(status.output.contains("lost offsets 5..9"), "\(status.output)")
        let again = try await place.backfill()
        #expect(again.exitCode == 0 && again.output.hasPrefix("nothing new: round 2"), "\(again.output)")
    }

    @Test func whatIsLostOfAPartitionThatWasAddedIsAGapToo() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        try await topics.produce(messages(0..<5), to: topic)
        // The first round begins where the log does.
        try await topics.deleteRecords(of: topic, before: 2)
        try writeJob(place, collection: collection)
        #expect(try await place.backfill().exitCode == 0)
        try await topics.addPartitions(to: topic, total: 2)
        try await topics.produce(messages(5..<9, partition: 1), to: topic)
        try await topics.deleteRecords(of: topic, partition: 1, before: 3)
        let refused = try await place.backfill()
        #expect(refused.exitCode == 1, "\(refused.errors)")
        #expect(refused.errors.contains("\(topic)-1 does not hold the offsets 0..3"), "\(refused.errors)")

        try writeJob(place, collection: collection, onDataLoss: "skip")
        let (code, report) = try await place.report()
        #expect(code == 0 && report["rowsRead"] as? Int == 1, "\(report)")
        #expect(try gaps(report) == [[], [["start": 0, "end": 3]]])
    }

    // MARK: Partitions

    @Test func partitionsThatTheCatchUpDoesNotReadStayKnown() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic, partitions: 2)
        try await topics.produce(messages(0..<5) + messages(10..<14, partition: 1), to: topic)
        // Of partitions that were not read before, a catch-up's first round reads what is there.
        try await topics.deleteRecords(of: topic, before: 2)
        try writeJob(place, collection: collection, range: "partition: 1, start: earliest, end: latest")
        #expect(try await place.backfill().exitCode == 0)
        try writeJob(place, collection: collection, range: "partition: 0, start: resume, end: latest")
        for round in 2...3 {
            try await topics.produce(messages(round..<round + 1), to: topic)
            // Nobody reads it any more.
            try await topics.produce(messages(20..<21, partition: 1), to: topic)
            let (code, report) = try await place.report()
            #expect(code == 0 && report["round"] as? Int == round, "\(report)")
            let ends = try #require(report["units"] as? [NSDictionary]).map { $0["end"] as? String }
            #expect(ends == ["\(4 + round)", "4"], "\(report)")
            let (same, found) = try await place.verify(["--full"])
            #expect(same == 0 && found["keysChecked"] as? Int == 7, "\(found)")
        }
    }

    // MARK: Reject files

    private func rejected(_ place: borrowing Workplace, in name: String) async throws -> String {
        try await Command.output(of: "/usr/bin/env", ["zstd", "-dc", place.path(name)])
    }

    @Test func thePolicyForRejectsMayChangeBetweenRoundsAndWithinOne() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic, partitions: 2)
        for (round, partition) in [(1, 1), (2, 0)] {
            try await topics.produce(
                messages(round..<round + 1)
                    + [TopicMessage(partition: partition, key: "bad \(round)", value: "{}")], to: topic)
            if round == 2 {
                try writeJob(place, collection: collection)
                let failed = try await place.backfill()
                #expect(failed.exitCode == 1, "\(failed.errors)")
            }
            try writeJob(place, collection: collection, onReject: "file")
            let (code, report) = try await place.report()
            #expect(code == 3 && report["rejectedInAll"] as? Int == 1, "\(report)")
            #expect(try await place.rejects().contains("bad \(round)"))
        }
        #expect(try await rejected(place, in: "job.rejects-1.jsonl.zst").contains("bad 1"))

        #expect(try await place.backfill("run", ["--restart"]).exitCode == 3)
        #expect(try await rejected(place, in: "job.rejects.jsonl.zst").contains("bad 1"))
        #expect(try await rejected(place, in: "job.rejects.jsonl.zst.previous").contains("bad 2"))
        #expect(try await rejected(place, in: "job.rejects-1.jsonl.zst.previous").contains("bad 1"))
        #expect(!FileManager.default.fileExists(atPath: place.path("job.rejects-1.jsonl.zst")))
    }

    @Test func whatAnEarlierRunHasRejectedIsNotJudgedUnderAnyPolicy() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        try await topics.produce(messages(0..<5), to: topic)
        try writeJob(place, collection: collection)
        #expect(try await place.backfill().exitCode == 0)
        // As if the server had refused it under the other policy.
        let line =
            #"{"topic":"\#(topic)","partition":0,"offset":3,"key":"3","payload":"{}","#
            + #""error":{"reason":"refused","unit":0,"offset":3}}"#
        try place.writeDump([line], to: "job.rejects.jsonl.zst")
        try await Oracle(uri: TestEnvironment.lite()).delete("[3]", from: collection)
        let (code, found) = try await place.verify(["--full"])
        #expect(code == 0 && found["undecided"] as? Int == 1, "\(found)")
    }
}
