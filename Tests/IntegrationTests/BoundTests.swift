import Foundation
import Testing

/// What each way to bound a range comes to, beside what other clients say about the topic.
@Suite(.serialized) struct BoundTests {
    private enum Bound {
        case earliest, latest
        case offset(Int)
        /// Milliseconds since 1970.
        case time(Int64)
        case committed
    }

    private static let partitions = 3
    /// 2023-11-14T22:13:20Z, in milliseconds.
    private static let firstTime: Int64 = 1_700_000_000_000
    private static let minute: Int64 = 60_000
    private static let hour: Int64 = 60 * minute

    /// In partitions 0 and 1, messages of 20 minutes in 2023 and of the last three days, where 0 has lost its first
    /// five; nothing in partition 2. What a group has committed of each.
    private static func prepare(_ topic: String, _ topics: Topics, committed: [Int]) async throws {
        let now = Int64(Date.now.timeIntervalSince1970 * 1000)
        var messages: [TopicMessage] = []
        for partition in 0..<2 {
            for number in 0..<20 {
                var message = Echo.message(number, partition: partition)
                // Half a minute later in one partition than in the other.
                message.timestamp = firstTime + Int64(number) * minute + Int64(partition) * minute / 2
                messages.append(message)
            }
            for number in 0..<6 {
                var message = Echo.message(100 + number, partition: partition)
                message.timestamp = now - Int64(72 - number * 12 - partition * 3) * hour
                messages.append(message)
            }
        }
        try await topics.create(topic, partitions: partitions)
        try await topics.produce(messages, to: topic)
        try await topics.deleteRecords(of: topic, before: 5)
        for (partition, offset) in committed.enumerated() {
            try await topics.commit(offset, of: topic, partition: partition, group: topic)
        }
    }

    /// The ranges that `plan` names, in the order of the partitions.
    private func planned(_ ranges: [String], _ flags: [String] = []) async throws -> [NSDictionary] {
        let place = try Workplace()
        // Nothing is asked of a server that is to be made.
        try place.writeTopicJob(
            ranges: ranges, uri: "./local.db", collection: "bounds", record: Echo.record, target: Echo.create,
            properties: ", group.id: bounds")
        let result = try await place.backfill("plan", ["--json"] + flags)
        try #require(result.exitCode == 0, "\(ranges) \(flags): \(result.errors)")
        let plan = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? NSDictionary)
        let partitions = try #require((plan["kafka"] as? NSDictionary)?["partitions"] as? [NSDictionary])
        #expect(partitions.map { $0["partition"] as? Int } == Array(0..<Self.partitions), "\(result.output)")
        return try partitions.map { partition in
            let ranges = try #require(partition["ranges"] as? [NSDictionary])
            return try #require(ranges.count == 1 ? ranges[0] : nil, "\(result.output)")
        }
    }

    @Test func everyKindOfBoundIsTheOffsetThatOtherClientsName() async throws {
        let (topic, topics, committed) = ("bounds", try Topics.shared(), [7, 11, 0])
        try await Self.prepare(topic, topics, committed: committed)
        let logs = try await topics.logs(of: topic)
        try #require(logs.map(\.start) == [5, 0, 0] && logs.map(\.stableEnd) == [26, 26, 0])
        let kcat = Kcat(bootstrap: topics.bootstrap)

        func offset(_ bound: Bound, _ partition: Int) async throws -> Int {
            switch bound {
            case .earliest: return logs[partition].start
            case .latest: return logs[partition].stableEnd
            case .offset(let offset): return offset
            case .committed: return committed[partition]
            case .time(let time):
                let found = try await kcat.offset(in: topic, partition: partition, at: time)
                // Without such a message a time is the end of the log.
                return found < 0 ? logs[partition].stableEnd : found
            }
        }
        func expect(_ start: Bound, _ end: Bound, _ ranges: [String], _ flags: [String] = []) async throws {
            var expected: [NSDictionary] = []
            for partition in 0..<Self.partitions {
                expected.append(["start": try await offset(start, partition), "end": try await offset(end, partition)])
            }
            let found = try await planned(ranges, flags)
            #expect(found == expected, "\(ranges) \(flags)")
        }
        func range(_ start: String, _ end: String) -> [String] {
            ["{topic: \(topic), start: \"\(start)\", end: \"\(end)\"}"]
        }

        try await expect(.earliest, .latest, range("earliest", "latest"))
        try await expect(.committed, .latest, range("committed", "latest"))
        try await expect(.earliest, .committed, range("earliest", "committed"))
        // On a message, between two, before all of them, behind all of them.
        let seven = Self.firstTime + 7 * Self.minute
        try await expect(
            .time(seven), .time(seven + 5 * Self.minute + 1),
            range("2023-11-14T22:20:20Z", "2023-11-14T23:25:20.001+01:00"))
        try await expect(.time(0), .time(seven), range("1970-01-01T00:00:00Z", "2023-11-14T22:20:20Z"))
        let now = Int64(Date.now.timeIntervalSince1970 * 1000)
        try await expect(.time(now - 48 * Self.hour), .latest, range("-48h", "latest"))
        try await expect(.time(now - 3 * 24 * Self.hour), .time(now - 25 * Self.hour), range("-3d", "-1500m"))
        // None is so new: nothing to read from there, everything up to there.
        try await expect(.time(now), .latest, range("-1s", "latest"))
        try await expect(.earliest, .time(now), range("earliest", "-1s"))

        try await expect(.time(now - 48 * Self.hour), .latest, range("earliest", "latest"), ["--from", "-48h"])
        try await expect(.earliest, .time(seven), range("earliest", "latest"), ["--to", "2023-11-14T22:20:20Z"])
        try await expect(.committed, .time(now), range("earliest", "latest"), ["--from", "committed", "--to", "-1s"])
        try await expect(.earliest, .committed, [], ["--range", "bounds:0-2@earliest..committed"])
        try await expect(
            .committed, .latest, [],
            ["--range", "bounds:0,2@committed..latest", "--range", "bounds:1@committed..latest"])
        try await expect(
            .committed, .latest, [],
            [
                "--starting-offsets", #"{"bounds":{"0":7,"1":11,"2":0}}"#, "--ending-offsets",
                #"{"bounds":{"0":-1,"1":26,"2":-1}}"#,
            ])
        try await expect(.earliest, .latest, [], ["--starting-offsets", #"{"bounds":{"0":-2,"1":-2,"2":-2}}"#])
    }

    @Test func anOpenTransactionBoundsWhatCanBeRead() async throws {
        let (topic, topics) = ("open", try Topics.shared())
        try await topics.create(topic)
        try await topics.produce((0..<10).map { Echo.message($0) }, to: topic)
        let place = try Workplace()
        func planned(_ range: String, properties: String = "") async throws -> CommandResult {
            try place.writeTopicJob(
                ranges: [], uri: "./local.db", collection: "open",
                record: Echo.record.replacing("[padding]", with: "[open], onReject: {policy: file}"),
                target: Echo.create, properties: properties)
            return try await place.backfill("plan", ["--range", range])
        }
        try await topics.withOpenTransaction(in: topic) { places in
            #expect(places.map(\.offset) == [10, 11, 12])
            try await topics.produce((20..<25).map { Echo.message($0) }, to: topic)
            #expect(try await topics.logs(of: topic) == [Topics.Log(start: 0, end: 18, stableEnd: 10)])

            let latest = try await planned("open@earliest..latest")
            #expect(latest.output.contains("open-0  0..10"), "\(latest.output)\(latest.errors)")
            let beyond = try await planned("open@earliest..11")
            #expect(beyond.exitCode == 65)
            #expect(beyond.errors.contains("whose log ends at 10 (open transactions count"), "\(beyond.errors)")
            // A message behind the beginning of the transaction may be found by its time, and cannot be read.
            let byTime = try await planned("open@earliest..-1s")
            #expect(byTime.output.contains("open-0  0..10"), "\(byTime.output)\(byTime.errors)")

            let uncommitted = try await planned(
                "open@earliest..latest", properties: ", isolation.level: read_uncommitted")
            #expect(uncommitted.output.contains("open-0  0..18"), "\(uncommitted.output)\(uncommitted.errors)")
            // The three of the transaction make no rows.
            let (code, report) = try await place.report(["--dry-run", "--range", "open@earliest..latest"])
            #expect(code == 3)
            #expect(report["rowsRead"] as? Int == 18 && report["rowsRejected"] as? Int == 3, "\(report)")
            #expect(report["offsetsAbsent"] as? Int == 0, "\(report)")
        }
        let after = try await planned("open@earliest..latest")
        #expect(after.output.contains("open-0  0..19"), "\(after.output)\(after.errors)")
    }
}
