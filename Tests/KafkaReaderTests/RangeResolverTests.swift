import BackfillCore
import KafkaReader
import TestSupport
import Testing

@Suite("Resolving ranges")
struct RangeResolverTests {
    /// What is known of a cluster, by `topic-number`.
    struct Facts {
        var topics: [String: [Int32]] = ["t": [0, 1, 2, 3]]
        var unknownTopics: [String] = []
        var logs: [String: ClosedRange<Int64>] = [:]
        /// Where nothing else is said.
        var otherLogs: ClosedRange<Int64> = 0...100
        var times: [Int64: [String: Int64]] = [:]
        var committed: [String: Int64] = [:]
        /// Where the round before has ended.
        var reached: [String: Int64] = [:]
        var followsCatchUp = false
        var now: Int64 = 1_000_000
    }

    private func resolve(
        _ ranges: [TopicRange], _ facts: Facts = Facts(), onDataLoss: KafkaSource.DataLoss = .fail
    ) throws(KafkaError) -> [PartitionRanges] {
        var resolver = try RangeResolver(
            ranges, topics: facts.topics, unknownTopics: facts.unknownTopics, now: facts.now)
        for partition in resolver.partitions {
            let log = facts.logs["\(partition)"] ?? facts.otherLogs
            resolver.startOfLog[partition] = log.lowerBound
            resolver.endOfLog[partition] = log.upperBound
        }
        for time in resolver.times {
            for partition in resolver.partitions(boundBy: time) {
                resolver.firstAtTime[time, default: [:]][partition] = facts.times[time]?["\(partition)"] ?? -1
            }
        }
        for partition in resolver.partitionsBoundByGroup {
            resolver.committed[partition] = facts.committed["\(partition)"] ?? -1001
        }
        resolver.followsCatchUp = facts.followsCatchUp
        for partition in resolver.partitions { resolver.reached[partition] = facts.reached["\(partition)"] }
        return try resolver.resolve(onDataLoss: onDataLoss)
    }

    private func range(_ partition: Int32, _ start: OffsetBound, _ end: OffsetBound) -> TopicRange {
        TopicRange(topic: "t", partitions: [partition...partition], start: start, end: end)
    }

    /// The only range of the only partition.
    private func only(_ start: OffsetBound, _ end: OffsetBound, _ facts: Facts = Facts()) throws -> OffsetRange {
        let resolved = try resolve([range(0, start, end)], facts)
        #expect(resolved.count == 1 && resolved.first?.gaps == [])
        let ranges = try #require(resolved.first?.ranges)
        #expect(ranges.count == 1)
        return try #require(ranges.first)
    }

    private func findings(_ ranges: [TopicRange], _ facts: Facts = Facts()) -> [String] {
        do throws(KafkaError) {
            let resolved = try resolve(ranges, facts)
            Issue.record("resolved to \(resolved)")
            return []
        } catch {
            guard case .badRanges(let findings) = error else {
                Issue.record("\(error)")
                return []
            }
            return findings
        }
    }

    // MARK: Bounds

    @Test("Offsets stand for themselves, up to the end of the log")
    func offsets() throws {
        #expect(try only(.offset(20), .offset(30)) == OffsetRange(20..<30))
        #expect(try only(.offset(0), .offset(100)) == OffsetRange(0..<100))
        #expect(try only(.offset(40), .offset(40)) == OffsetRange(40..<40))
    }

    @Test("`earliest` and `latest` are the ends of the log")
    func endsOfLog() throws {
        let facts = Facts(otherLogs: 7...42)
        #expect(try only(.earliest, .latest, facts) == OffsetRange(7..<42))
        #expect(try only(.earliest, .earliest, facts) == OffsetRange(7..<7))
        #expect(try only(.latest, .latest, facts) == OffsetRange(42..<42))
        #expect(try only(.earliest, .offset(10), facts) == OffsetRange(7..<10))
    }

    @Test("An empty partition has an empty range")
    func emptyPartition() throws {
        #expect(try only(.earliest, .latest, Facts(otherLogs: 0...0)) == OffsetRange(0..<0))
        #expect(try only(.earliest, .latest, Facts(otherLogs: 9...9)) == OffsetRange(9..<9))
        #expect(try only(.time(milliseconds: 5), .ago(seconds: 1), Facts(otherLogs: 9...9)) == OffsetRange(9..<9))
    }

    @Test("A time is the first message at or after it")
    func times() throws {
        let facts = Facts(times: [500: ["t-0": 30], 900_000: ["t-0": 60]])
        #expect(try only(.time(milliseconds: 500), .time(milliseconds: 900_000), facts) == OffsetRange(30..<60))
        #expect(try only(.time(milliseconds: 500), .ago(seconds: 100), facts) == OffsetRange(30..<60))
        #expect(try only(.earliest, .time(milliseconds: 500), facts) == OffsetRange(0..<30))
    }

    @Test("A round begins where the one before has ended, or at the start of a partition that it did not read")
    func rounds() throws {
        let facts = Facts(otherLogs: 7...42, times: [500: ["t-0": 20]], reached: ["t-0": 30])
        #expect(try only(.resume, .latest, facts) == OffsetRange(30..<42))
        #expect(try only(.resume, .latest, Facts(otherLogs: 7...42)) == OffsetRange(7..<42))
        #expect(try only(.resume, .latest, Facts(otherLogs: 7...30, reached: ["t-0": 30])) == OffsetRange(30..<30))
        // An end that has not come as far as the round before leaves nothing to read.
        #expect(try only(.resume, .time(milliseconds: 500), facts) == OffsetRange(30..<30))
        let lost = try resolve(
            [range(0, .resume, .latest)], Facts(otherLogs: 35...42, reached: ["t-0": 30]), onDataLoss: .skip)
        #expect(lost.first?.gaps == [OffsetRange(30..<35)])
    }

    @Test("A partition that a catch-up has not read was added since, and begins at its first offset")
    func addedPartition() throws {
        let facts = Facts(
            logs: ["t-0": 3...30, "t-1": 7...42], times: [500: ["t-1": 20]], reached: ["t-0": 20], followsCatchUp: true)
        let ranges = [range(0, .resume, .latest), range(1, .resume, .time(milliseconds: 500))]
        #expect(throws: KafkaError.lost(topic: "t", partition: 1, [OffsetRange(0..<7)])) { try resolve(ranges, facts) }
        let resolved = try resolve(ranges, facts, onDataLoss: .skip)
        #expect(resolved.map(\.ranges) == [[OffsetRange(20..<30)], [OffsetRange(0..<20)]])
        #expect(resolved.map(\.gaps) == [[], [OffsetRange(0..<7)]])
        #expect(try only(.resume, .latest, Facts(followsCatchUp: true)) == OffsetRange(0..<100))
    }

    @Test("A time that nothing is at or after stands for the end of the log")
    func timeWithoutMatch() throws {
        #expect(try only(.time(milliseconds: 500), .latest) == OffsetRange(100..<100))
        #expect(try only(.offset(20), .time(milliseconds: 500)) == OffsetRange(20..<100))
        #expect(try only(.time(milliseconds: 500), .ago(seconds: 1)) == OffsetRange(100..<100))
    }

    @Test("A message of a transaction that is still open is not reached by a time")
    func timeInOpenTransaction() throws {
        let facts = Facts(otherLogs: 0...50, times: [500: ["t-0": 60]])
        #expect(try only(.offset(20), .time(milliseconds: 500), facts) == OffsetRange(20..<50))
        #expect(try only(.time(milliseconds: 500), .latest, facts) == OffsetRange(50..<50))
    }

    @Test("A relative time counts from now, and not from before 1970")
    func relativeTimes() throws {
        let resolver = try RangeResolver(
            [range(0, .ago(seconds: 30), .ago(seconds: 10)), range(1, .ago(seconds: 5_000_000), .latest)],
            topics: ["t": [0, 1]], now: 1_000_000)
        #expect(resolver.times == [0, 970_000, 990_000])
        #expect(resolver.partitions(boundBy: 970_000) == [TopicPartition(topic: "t", number: 0)])
        #expect(resolver.partitions(boundBy: 0) == [TopicPartition(topic: "t", number: 1)])
    }

    @Test("A time may be now, and one time serves several partitions")
    func timeOfSeveralPartitions() throws {
        let facts = Facts(times: [1_000_000: ["t-0": 5, "t-2": 6]])
        let resolved = try resolve(
            [TopicRange(topic: "t", start: .offset(0), end: .time(milliseconds: 1_000_000))], facts)
        #expect(resolved.map(\.ranges) == [5, 100, 6, 100].map { [OffsetRange(0..<$0)] })
    }

    @Test("`committed` is the offset of the group")
    func committed() throws {
        let facts = Facts(committed: ["t-0": 33])
        #expect(try only(.committed, .latest, facts) == OffsetRange(33..<100))
        #expect(try only(.offset(3), .committed, facts) == OffsetRange(3..<33))
        #expect(try only(.committed, .latest, Facts(committed: ["t-0": 0])) == OffsetRange(0..<100))
    }

    // MARK: Partitions

    @Test("All partitions, spans and single ones are chosen")
    func partitions() throws {
        func numbers(_ spans: [ClosedRange<Int32>]?) throws -> [Int32] {
            try resolve([TopicRange(topic: "t", partitions: spans, start: .offset(1), end: .offset(2))]).map(
                \.partition)
        }
        #expect(try numbers(nil) == [0, 1, 2, 3])
        #expect(try numbers([1...2]) == [1, 2])
        #expect(try numbers([3...3, 0...1]) == [0, 1, 3])
        #expect(try numbers([0...1, 1...2]) == [0, 1, 2])
    }

    @Test("Partitions are in the order of topics and numbers, their ranges in the order of offsets")
    func order() throws {
        let resolved = try resolve(
            [
                range(3, .offset(50), .offset(60)), range(0, .offset(7), .offset(9)), range(3, .offset(5), .offset(6)),
                TopicRange(topic: "a", start: .earliest, end: .latest), range(3, .offset(6), .offset(50)),
            ],
            Facts(topics: ["t": [0, 1, 2, 3], "a": [0, 1]]))
        #expect(resolved.map { "\($0.topic)-\($0.partition)" } == ["a-0", "a-1", "t-0", "t-3"])
        #expect(resolved.last?.ranges == [OffsetRange(5..<6), OffsetRange(6..<50), OffsetRange(50..<60)])
    }

    @Test("Of several ranges, empty ones are left out, unless all are")
    func emptyRanges() throws {
        let some = try resolve([
            range(0, .offset(5), .offset(5)), range(0, .offset(2), .offset(8)), range(0, .latest, .latest),
        ])
        #expect(some.map(\.ranges) == [[OffsetRange(2..<8)]])
        let none = try resolve([range(0, .offset(5), .offset(5)), range(0, .latest, .latest)])
        #expect(none.map(\.ranges) == [[OffsetRange(5..<5)]])
    }

    // MARK: Findings

    @Test("A topic or partition that does not exist is named")
    func unknown() {
        var facts = Facts()
        facts.unknownTopics = ["the topic `gone` does not exist"]
        #expect(
            findings(
                [
                    TopicRange(topic: "gone", start: .earliest, end: .latest), range(4, .earliest, .latest),
                    TopicRange(topic: "t", partitions: [0...1, 2...9], start: .earliest, end: .latest),
                ], facts) == [
                    "the topic `gone` does not exist", "the topic `t` has no partition 4 (it has 4)",
                    "the topic `t` has no partition 4 (it has 4)",
                ])
    }

    @Test("A time in the future is named, wherever it stands")
    func future() {
        #expect(
            findings([
                range(0, .time(milliseconds: 1_000_001), .latest), range(1, .earliest, .time(milliseconds: 2_000_000)),
            ]) == [
                "the start of `t:0@1000001ms..latest` lies in the future",
                "the end of `t:1@earliest..2000000ms` lies in the future",
            ])
    }

    @Test("An end before its start is named")
    func endBeforeStart() {
        #expect(
            findings([range(0, .offset(9), .offset(8))])
                == ["the end 8 of `t:0@9..8` lies before its start 9 in t-0"])
        #expect(
            findings([range(0, .latest, .earliest)], Facts(otherLogs: 3...5))
                == ["the end 3 of `t:0@latest..earliest` lies before its start 5 in t-0"])
    }

    @Test("An end beyond the log is named with the log's end")
    func endBeyondLog() {
        #expect(
            findings([range(0, .offset(9), .offset(101))]) == [
                "the end 101 of `t:0@9..101` lies beyond the last message that can be read of t-0, whose log ends at 100 "
                    + "(open transactions count from their beginning)"
            ])
    }

    @Test("Ranges that overlap are named, those of different partitions and those that only touch are not")
    func overlap() throws {
        #expect(
            findings([range(0, .offset(5), .offset(9)), range(0, .offset(0), .offset(6))])
                == ["the ranges 0..6 and 5..9 of t-0 overlap"])
        #expect(
            findings([range(1, .offset(5), .offset(9)), TopicRange(topic: "t", start: .earliest, end: .latest)])
                == ["the ranges 0..100 and 5..9 of t-1 overlap"])
        #expect(findings([range(0, .offset(5), .offset(9)), range(0, .offset(5), .offset(9))]).count == 1)
        let touching = try resolve([range(0, .offset(5), .offset(9)), range(0, .offset(2), .offset(5))])
        #expect(touching.first?.ranges == [OffsetRange(2..<5), OffsetRange(5..<9)])
    }

    @Test("An offset that the group has not committed is named")
    func notCommitted() {
        #expect(
            findings([range(0, .committed, .committed)], Facts(committed: ["t-1": 5])) == [
                "the group has committed no offset of t-0, which is the start of `t:0@committed..committed`"
            ])
        #expect(
            findings([range(0, .offset(3), .committed)]) == [
                "the group has committed no offset of t-0, which is the end of `t:0@3..committed`"
            ])
    }

    @Test("Everything that does not fit is found at once, in a stable order")
    func severalFindings() {
        #expect(
            findings([
                range(3, .offset(9), .offset(8)), range(2, .offset(0), .offset(200)), range(1, .offset(5), .offset(9)),
                range(1, .offset(6), .offset(7)), range(0, .committed, .latest), range(0, .offset(7), .offset(3)),
            ]) == [
                "the end 200 of `t:2@0..200` lies beyond the last message that can be read of t-2, whose log ends at 100 "
                    + "(open transactions count from their beginning)",
                "the end 3 of `t:0@7..3` lies before its start 7 in t-0",
                "the end 8 of `t:3@9..8` lies before its start 9 in t-3",
                "the group has committed no offset of t-0, which is the start of `t:0@committed..latest`",
                "the ranges 5..9 and 6..7 of t-1 overlap",
            ])
    }

    // MARK: Loss

    @Test("Offsets below the log stop the job, which may also allow the gap")
    func gaps() throws {
        let facts = Facts(logs: ["t-0": 7...100, "t-1": 30...100, "t-2": 50...60])
        let ranges = [
            range(0, .offset(10), .offset(20)), range(1, .offset(10), .offset(20)), range(1, .offset(25), .offset(40)),
            range(2, .offset(0), .offset(50)), range(3, .offset(0), .offset(1)),
        ]
        let lost = KafkaError.lost(topic: "t", partition: 1, [OffsetRange(10..<20), OffsetRange(25..<30)])
        #expect(throws: lost) { try resolve(ranges, facts) }

        let resolved = try resolve(ranges, facts, onDataLoss: .skip)
        #expect(
            resolved.map(\.gaps) == [
                [], [OffsetRange(10..<20), OffsetRange(25..<30)], [OffsetRange(0..<50)], [],
            ])
        #expect(resolved.map(\.ranges).map(\.count) == [1, 2, 1, 1])
        #expect(resolved[1].ranges == [OffsetRange(10..<20), OffsetRange(25..<40)])
    }

    @Test("An empty range below the log has lost nothing")
    func emptyRangeBelowLog() throws {
        #expect(try only(.offset(3), .offset(3), Facts(otherLogs: 7...9)) == OffsetRange(3..<3))
    }

    @Test("What does not fit comes before what is lost")
    func findingsBeforeLoss() {
        #expect(
            findings([range(0, .offset(0), .offset(50)), range(1, .offset(9), .offset(8))], Facts(otherLogs: 7...100))
                == ["the end 8 of `t:1@9..8` lies before its start 9 in t-1"])
    }

    // MARK: The naive model

    @Test("gives the offsets that a naive model counts out, or refuses what it refuses", arguments: 0..<1000)
    func naiveModel(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        var facts = Facts(topics: ["t": [0]])
        let start = Int64(random.number(0...10))
        let end = start + Int64(random.number(0...30))
        facts.otherLogs = start...end
        let ranges = (0..<random.number(1...3)).map { _ in
            let bounds = (0..<2).map { _ -> OffsetBound in
                switch random.number(0...9) {
                case 0: .earliest
                case 1: .latest
                default: .offset(Int64(random.number(0...45)))
                }
            }
            return range(0, bounds[0], bounds[1])
        }
        func number(_ bound: OffsetBound) -> Int64 {
            switch bound {
            case .earliest: start
            case .latest: end
            case .offset(let offset): offset
            case .committed, .resume, .time, .ago: preconditionFailure("The model has none of these.")
            }
        }
        let spans = ranges.map { (number($0.start), number($0.end)) }
        let fit = spans.allSatisfy { $0.0 <= $0.1 && $0.1 <= end }
        let offsets = fit ? spans.flatMap { $0.0..<$0.1 } : []
        let isDisjoint = Set(offsets).count == offsets.count

        do throws(KafkaError) {
            let resolved = try resolve(ranges, facts, onDataLoss: .skip)
            #expect(fit && isDisjoint)
            #expect(resolved.flatMap(\.ranges).flatMap { $0.start..<$0.end } == offsets.sorted())
            #expect(resolved.flatMap(\.gaps).flatMap { $0.start..<$0.end } == offsets.filter { $0 < start }.sorted())
        } catch {
            #expect(!fit || !isDisjoint, "\(error)")
        }
    }
}
