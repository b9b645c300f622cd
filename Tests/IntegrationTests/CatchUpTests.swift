import Foundation
import Subprocess
import TestSupport
import Testing

/// Jobs that run again and again, as cron starts them, each time from where the last round has ended.
@Suite(.serialized) struct CatchUpTests {
    private let topic = "catch_up"
    private let record = "{drop: [padding]}"

    private func writeJob(
        _ place: borrowing Workplace, collection: String, range: String = "start: resume, end: latest",
        record: String? = nil, run: String = "{}", kafka: String = ""
    ) throws {
        try place.writeTopicJob(
            ranges: ["{topic: \(topic), \(range)}"], uri: TestEnvironment.lite(), collection: collection,
            record: record ?? self.record, run: run, target: People.create, kafka: kafka)
    }

    private func message(_ id: Int, partition: Int = 0, name: String? = nil) -> TopicMessage {
        TopicMessage(partition: partition, key: "\(id)", value: People.record(id, name: name))
    }

    private func rows(_ collection: String) async throws -> [String: NSDictionary] {
        try await Oracle(uri: TestEnvironment.lite()).rows(of: collection)
    }

    /// What `status --history` tells.
    private func history(_ place: borrowing Workplace) async throws -> [NSDictionary] {
        let result = try await place.backfill("status", ["--history", "--json"])
        #expect(result.exitCode == 0, "\(result.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [NSDictionary])
    }

    // MARK: The sequence

    /// The last record of each key, and how far each partition has been written.
    private struct Model {
        var names: [Int: String] = [:]
        var ends: [Int] = [0, 0]

        var rows: [String: NSDictionary] {
            Dictionary(
                uniqueKeysWithValues: names.map { id, name in
                    ("\(id)", ["id": id, "name": name, "embedding": [Double(id) + 0.5, -1]] as NSDictionary)
                })
        }

        /// Random messages: new keys, keys that come again, and tombstones.
        mutating func messages(_ random: inout SeededGenerator, atLeast least: Int) -> [TopicMessage] {
            (0..<random.number(least...900)).map { _ in
                let partition = random.number(0...ends.count - 1)
                let id = partition * 1000 + random.number(0...400)
                ends[partition] += 1
                guard !random.oneIn(8) else {
                    names[id] = nil
                    return TopicMessage(partition: partition, key: "\(id)", value: nil)
                }
                let name = "\(random.number(0...999_999))"
                names[id] = name
                return TopicMessage(
                    partition: partition, key: "\(id)",
                    value: People.record(id, name: name).dropLast()
                        + #","padding":"\#(String(repeating: "x", count: 2000))"}"#)
            }
        }
    }

    @Test func manyRunsOverAGrowingTopicReadEveryOffsetOnce() async throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        print("catch-up: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var model = Model()
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic, partitions: 2)
        // Slow enough to be killed on the way.
        try writeJob(place, collection: collection, run: "{batch: {rows: 50}, rate: 1500/s}")
        var kills = 0
        for step in 0..<22 {
            if step % 7 == 6 {
                model.ends.append(0)
                try await topics.addPartitions(to: topic, total: model.ends.count)
            }
            let isKilled = step % 5 == 2
            // Some find nothing new.
            if isKilled || step % 4 != 3 {
                try await topics.produce(model.messages(&random, atLeast: isKilled ? 600 : 1), to: topic)
            }
            switch step % 5 {
            case 2:
                let killed = try await Command.run(
                    TestEnvironment.binary(), ["run", place.path("job.yaml")],
                    signals: [(.kill, after: .milliseconds(random.number(100...500)))])
                try #require([0, 137].contains(killed.exitCode), "seed \(seed), step \(step): \(killed.errors)")
                if killed.exitCode == 137 { kills += 1 }
            case 4:
                // Two at once: the second one waits for the first, or is turned away.
                let (binary, job) = (try TestEnvironment.binary(), place.path("job.yaml"))
                async let first = Command.run(binary, ["run", job, "--wait", "1m"])
                async let second = Command.run(binary, ["run", job] + (step % 2 == 0 ? ["--wait", "1m"] : []))
                let codes = try await [first.exitCode, second.exitCode]
                #expect(codes[0] == 0 && [0, 11].contains(codes[1]), "seed \(seed), step \(step): \(codes)")
            default:
                let result = try await place.backfill()
                #expect(result.exitCode == 0, "seed \(seed), step \(step): \(result.errors)")
            }
        }
        #expect(kills > 0, "seed \(seed): every run was over before it was killed")
        let last = try await place.backfill()
        #expect(last.exitCode == 0, "seed \(seed): \(last.errors)")

        let differences = RowComparison.differences(between: try await rows(collection), and: model.rows)
        #expect(differences.isEmpty, "seed \(seed): \(differences.prefix(10))")
        try await expectOnePass(place, ends: model.ends, kills: kills, seed: seed)
    }

    /// Makes sure that the complete rounds lie end to end. What no complete one covers was read by a run that was killed
    /// after it had stored its last position, before it could be remembered as complete.
    private func expectOnePass(_ place: borrowing Workplace, ends: [Int], kills: Int, seed: UInt64) async throws {
        let records = try await history(place)
        #expect(records.count >= 20, "seed \(seed)")
        let reports = records.compactMap { $0["report"] as? NSDictionary }
        #expect(reports.contains { $0["outcome"] as? String == "nothingNew" }, "seed \(seed)")
        // One that was killed before it had the lock is not among them.
        #expect(records.count { $0["exitCode"] == nil } <= kills, "seed \(seed): killed runs")
        var ranges: [String: [Range<Int>]] = [:]
        for report in reports where report["outcome"] as? String == "done" {
            for unit in try #require(report["units"] as? [NSDictionary]) {
                let name = try #require((unit["source"] as? [String])?.first)
                let start = try #require((unit["start"] as? String).flatMap { Int($0) })
                let end = try #require((unit["end"] as? String).flatMap { Int($0) })
                ranges[name, default: []].append(start..<end)
            }
        }
        var holes = Set<Int>()
        for (partition, end) in ends.enumerated() {
            var reached = 0
            for range in ranges["\(topic)-\(partition)"] ?? [] {
                #expect(range.lowerBound >= reached, "seed \(seed): partition \(partition) was read twice")
                if range.lowerBound > reached { holes.insert(reached) }
                reached = range.upperBound
            }
            if reached < end { holes.insert(reached) }
            #expect(reached <= end)
        }
        #expect(holes.count <= kills * ends.count, "seed \(seed): \(holes)")
        let units = try #require(try place.json("job.checkpoint.json")["units"] as? [NSDictionary])
        for (partition, unit) in units.enumerated() {
            let extent = (unit["extent"] as? NSDictionary)?["partition"] as? NSDictionary
            let own = try #require(extent?["ranges"] as? [[String: Int]])
            let earlier = try #require(unit["earlier"] as? [[String: Int]])
            // In one piece, up to where this round begins.
            #expect(earlier.count <= 1 && earlier.first?["start"] ?? 0 == 0, "seed \(seed): \(unit)")
            #expect(own.first?["start"] == earlier.first?["end"] ?? 0, "seed \(seed): \(unit)")
            #expect(unit["position"] as? Int == ends[partition], "seed \(seed): \(unit)")
        }
    }

    // MARK: One round and the next

    @Test func nothingNewIsOneLineAndNoFailure() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        try await topics.produce((0..<5).map { message($0) }, to: topic)
        try writeJob(place, collection: collection)
        #expect(try await place.backfill().exitCode == 0)
        let again = try await place.backfill()
        #expect(again.exitCode == 0, "\(again.errors)")
        #expect(again.output == "nothing new: round 1 has read everything up to the ends of the ranges\n")
        let plan = try await place.backfill("plan")
        #expect(plan.output.contains("nothing new since round 1"), "\(plan.output)")

        try await topics.produce([message(5)], to: topic)
        let dry = try await place.report(["--dry-run"])
        #expect(dry.code == 0 && dry.report["rowsRead"] as? Int == 1, "\(dry.report)")
        let other = try await place.backfill("run", ["--dry-run", "--set", "record.tombstones=skip"])
        #expect(other.exitCode == 12, "\(other.errors)")
        let next = try await place.backfill("plan")
        #expect(next.output.contains("round 2 begins where the last one ended"), "\(next.output)")
        #expect(next.output.contains("5..6"), "\(next.output)")
        let (code, report) = try await place.report()
        #expect(code == 0)
        #expect(report["round"] as? Int == 2 && report["rowsRead"] as? Int == 1, "\(report)")
        #expect(try await rows(collection).count == 6)
    }

    @Test func aBackfillGoesOnAsACatchUp() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        try await topics.produce((0..<10).map { message($0) }, to: topic)
        try writeJob(place, collection: collection, range: "start: 4, end: 8")
        #expect(try await place.backfill().exitCode == 0)
        try writeJob(place, collection: collection)
        let (code, report) = try await place.report()
        #expect(code == 0)
        #expect(report["rowsRead"] as? Int == 2 && report["round"] as? Int == 2, "\(report)")
        #expect(try await Set(rows(collection).keys) == Set((4..<10).map(String.init)))
        // From here on the ranges are those of a catch-up, and other ones are another job.
        try writeJob(place, collection: collection, range: "partition: 0, start: resume, end: latest")
        #expect(try await place.backfill().exitCode == 12)
    }

    @Test func eachRoundHasARejectFileOfItsOwn() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        try writeJob(place, collection: collection, record: "{onReject: {policy: file}}")
        for round in 1...3 {
            try await topics.produce([message(round), TopicMessage(key: "bad \(round)", value: "{}")], to: topic)
            let (code, report) = try await place.report()
            #expect(code == 3)
            #expect(report["rejectedInAll"] as? Int == 1, "\(report)")
            #expect(try await place.rejects().contains("bad \(round)"))
        }
        // Its rejects are those of the round before, which has told of them.
        #expect(try await place.backfill().exitCode == 0)
        for round in 1...2 {
            let earlier = try await Command.output(
                of: "/usr/bin/env", ["zstd", "-dc", place.path("job.rejects-\(round).jsonl.zst")])
            #expect(earlier.contains("bad \(round)"))
        }
    }

    @Test func whatTheJobHasReachedIsCommittedToItsGroup() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        let group = "group_\(collection)"
        try await topics.create(topic, partitions: 2)
        try await topics.produce((0..<7).map { message($0, partition: $0 % 2) }, to: topic)
        try writeJob(place, collection: collection, kafka: ", commitGroup: \(group)")
        let result = try await place.backfill("run", ["--log-format", "json"])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.errors.contains("kafka.committed"), "\(result.errors)")
        #expect(try await topics.committed(topic, partition: 0, group: group) == 4)
        #expect(try await topics.committed(topic, partition: 1, group: group) == 3)
    }

    @Test func aStoppedRunCommitsNothing() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        let group = "group_\(collection)"
        try await topics.create(topic)
        let records = People.padded(0..<4000)
        try await topics.produce(records.enumerated().map { TopicMessage(key: "\($0)", value: $1) }, to: topic)
        try writeJob(
            place, collection: collection, run: "{batch: {rows: 20}, rate: 300/s}", kafka: ", commitGroup: \(group)")
        let stopped = try await place.backfill(until: .terminate)
        #expect(stopped.exitCode == 143, "\(stopped.errors)")
        #expect(try await topics.committed(topic, group: group) == -1001)
        let last = try await place.backfill("run", ["--rate", "1000000/s"])
        #expect(last.exitCode == 0, "\(last.errors)")
        #expect(try await topics.committed(topic, group: group) == 4000)
    }

    /// A run that could not be remembered when it began takes no other run's place when it ends.
    @Test func aHistoryThatCannotBeWrittenForAWhileKeepsTheRunsBefore() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        let path = place.path("job.checkpoint.json.history")
        try await topics.create(topic)
        try await topics.produce([message(0)], to: topic)
        try writeJob(place, collection: collection, run: "{batch: {rows: 20}, rate: 100/s}")
        #expect(try await place.backfill().exitCode == 0)
        let before = try await history(place)
        try await topics.produce((0..<300).map { message($0) }, to: topic)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".kept")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let result = try await Command.run(TestEnvironment.binary(), ["run", place.path("job.yaml")]) { program in
            try await program.waitUntilItSays("history.failed")
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.moveItem(atPath: path + ".kept", toPath: path)
        }
        #expect(result.exitCode == 0, "\(result.errors)")
        let after = try await history(place)
        #expect(after.count == 2 && after.first == before.first, "\(after)")
        #expect((after.last?["report"] as? NSDictionary)?["rowsRead"] as? Int == 300, "\(after)")
    }

    // MARK: What is refused

    @Test(arguments: [3, 20]) func aTopicThatWasMadeAgainIsRefused(messages: Int) async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        try await topics.produce((0..<10).map { message($0) }, to: topic)
        try writeJob(place, collection: collection)
        #expect(try await place.backfill().exitCode == 0)
        let checkpoint = try Data(contentsOf: place.folder.appending(path: "job.checkpoint.json"))
        try await topics.create(topic)
        try await topics.produce((0..<messages).map { message($0, name: "other") }, to: topic)
        let result = try await place.backfill()
        #expect(result.exitCode == 12, "\(result.errors)")
        #expect(result.errors.contains("deleted and created again"), "\(result.errors)")
        #expect(result.errors.contains("--restart"), "\(result.errors)")
        #expect(try Data(contentsOf: place.folder.appending(path: "job.checkpoint.json")) == checkpoint)
        let records = try await history(place)
        #expect(records.last?["exitCode"] as? Int == 12, "\(records)")
    }

    @Test func aRunThatIsUnderWayIsWaitedForOrTurnsOthersAway() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        try await topics.produce((0..<2000).map { message($0) }, to: topic)
        try writeJob(place, collection: collection, run: "{batch: {rows: 20}}")
        let (clock, binary, job) = (ContinuousClock(), try TestEnvironment.binary(), place.path("job.yaml"))
        // This takes a hundred seconds, unless it is told otherwise.
        let first = try await Command.run(binary, ["run", job, "--rate", "20/s"]) { first in
            try await place.waitUntilLocked(by: first)
            let start = clock.now
            let second = try await place.backfill()
            #expect(second.exitCode == 11, "\(second.errors)")
            #expect(start.duration(to: clock.now) < .seconds(60), "it ends at once")
            let impatient = try await place.backfill("run", ["--wait", "1s"])
            #expect(impatient.exitCode == 11, "\(impatient.errors)")
            let patient = ["run", job, "--wait", "5m", "--report-json", place.path("report.json")]
            let third = try await Command.run(binary, patient) { third in
                try await third.waitUntilItSays("run.waiting")
                first.send(.terminalClosed)
            }
            #expect(third.exitCode == 0, "\(third.errors)")
            #expect(try place.json("report.json")["outcome"] as? String == "nothingNew")
        }
        #expect(first.exitCode == 0, "\(first.errors)")
        #expect(try await rows(collection).count == 2000)
        let misspelt = try await place.backfill("run", ["--wait", "soon"])
        #expect(misspelt.exitCode == 64, "\(misspelt.errors)")
    }

    @Test func aDumpHasNoRoundToResume() async throws {
        let place = try Workplace()
        try await Topics.shared().create(topic)
        try writeJob(place, collection: place.newCollection)
        let result = try await place.backfill("dump", ["--output", place.path("dump")])
        #expect(result.exitCode == 64, "\(result.errors)")
        #expect(result.errors.contains("--from"), "\(result.errors)")
    }

    @Test func anOddRecordAtTheBeginningOfARoundIsOneReject() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        try writeJob(place, collection: collection, record: "{onReject: {policy: file}}")
        // A round without records says nothing of those to come.
        let odd = TopicMessage(key: "7", value: People.record(7).dropLast() + #","extra":1}"#)
        #expect(try await place.backfill().exitCode == 0)
        try await topics.produce([odd], to: topic)
        #expect(try await place.backfill().exitCode == 1)
        try await topics.create(topic)
        try await topics.produce([message(1)], to: topic)
        #expect(try await place.backfill("run", ["--restart"]).exitCode == 0)
        try await topics.produce([odd, message(2)], to: topic)
        #expect(try await place.report(["--dry-run"]).code == 3)
        let (code, report) = try await place.report()
        #expect(code == 3 && report["rowsRejected"] as? Int == 1, "\(report)")
        #expect(try await Set(rows(collection).keys) == ["1", "2"])
    }
}
