import Foundation
import Subprocess
import Testing

/// Messages that are removed from a topic before the job could read them.
@Suite(.serialized) struct LostRangeTests {
    private let topic = "lost"

    /// A job that reads ranges of the topic's only partition into a collection of its own.
    private func writeJob(
        _ place: borrowing Workplace, _ ranges: [Range<Int>], collection: String, run: String = "{}"
    ) throws {
        try place.writeTopicJob(
            ranges: ranges.map { "{topic: \(topic), start: \($0.lowerBound), end: \($0.upperBound)}" },
            uri: try TestEnvironment.lite(), collection: collection, record: Echo.record, run: run, target: Echo.create)
    }

    /// Runs the job and looks at everything that has to name the gap.
    private func expectGap(_ place: borrowing Workplace, _ gap: Range<Int>, _ arguments: [String] = []) async throws {
        let expected = [NSDictionary(dictionary: ["start": gap.lowerBound, "end": gap.upperBound])]
        let words = "\(gap.lowerBound)..\(gap.upperBound)"
        let result = try await place.backfill("run", ["--report-json", place.path("report.json")] + arguments)
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.output.contains("lost      \(topic)-0: offsets \(words)"), "\(result.output)")
        #expect(!result.output.contains("every record of the source is in the collection"), "\(result.output)")
        let report = try place.json("report.json")
        #expect(report["offsetsLostInAll"] as? Int == gap.count)
        #expect((report["units"] as? [NSDictionary])?.first?["gaps"] as? [NSDictionary] == expected)
        let checkpoint = try place.json("job.checkpoint.json")
        #expect((checkpoint["units"] as? [NSDictionary])?.first?["gaps"] as? [NSDictionary] == expected)
        let status = try await place.backfill("status")
        #expect(status.output.contains("lost offsets \(words)"), "\(status.output)")
    }

    private func rows(of collection: String) async throws -> [String: NSDictionary] {
        try await Oracle(uri: TestEnvironment.lite()).rows(of: collection)
    }

    /// What has to be in the collection for these offsets.
    private func messages(_ offsets: Range<Int>) async throws -> [String: NSDictionary] {
        try Echo.rows(
            of: try await Kcat(bootstrap: TestEnvironment.kafka()).messages(of: topic, partition: 0, in: offsets))
    }

    @Test func aRangeThatBeginsBelowTheLogIsRefusedOrAGap() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        try await topics.produce((0..<30).map { Echo.message($0) }, to: topic)
        try await topics.deleteRecords(of: topic, before: 10)
        try writeJob(place, [5..<20], collection: collection)
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(
            result.errors.contains("the log of lost-0 does not hold the offsets 5..10 any more"), "\(result.errors)")
        #expect(result.errors.contains("source.kafka.onDataLoss"), "\(result.errors)")
        #expect(try place.units() == nil)

        let plan = try await place.backfill("plan", ["--set", "source.kafka.onDataLoss=skip"])
        #expect(plan.output.contains("lost-0  5..20  lost 5..10"), "\(plan.output)")
        try await expectGap(place, 5..<10, ["--set", "source.kafka.onDataLoss=skip"])
        let differences = RowComparison.differences(
            between: try await rows(of: collection), and: try await messages(10..<20))
        #expect(differences.isEmpty, "\(differences)")
    }

    @Test func aRangeMayBeLostAsAWhole() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        try await topics.produce((0..<20).map { Echo.message($0) }, to: topic)
        try await topics.deleteRecords(of: topic, before: 20)
        try writeJob(place, [0..<5, 5..<20], collection: collection)
        let result = try await place.backfill()
        #expect(result.exitCode == 1 && result.errors.contains("the offsets 0..5, 5..20 any more"), "\(result.errors)")
        let skipped = try await place.backfill("run", ["--set", "source.kafka.onDataLoss=skip"])
        #expect(skipped.exitCode == 0, "\(skipped.errors)")
        #expect(skipped.output.contains("lost-0: offsets 0..5, 5..20"), "\(skipped.output)")
        #expect(try await rows(of: collection).isEmpty)
        let again = try await place.report(["--set", "source.kafka.onDataLoss=skip"])
        #expect(again.report["outcome"] as? String == "alreadyDone")
        #expect(again.report["offsetsLostInAll"] as? Int == 20)
    }

    @Test func messagesThatAreRemovedBetweenTwoRunsStopTheSecondOrAreAGap() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        // A hundred make a mebibyte, by which the checkpoint moves.
        try await topics.produce((0..<1_200).map { Echo.message($0, padding: 10_000, codec: .zstd) }, to: topic)
        let before = try await messages(0..<1_200)
        try writeJob(place, [0..<1_200], collection: collection, run: "{lanes: 1, batch: {rows: 1}}")
        let first = try await place.backfill(["--rate", "50/s"], until: .terminate)
        #expect(first.exitCode == 143, "\(first.errors)")
        let unit = try #require(try place.units()?.first)
        let position = try #require(unit.position as? Int)
        try #require((1..<1_100).contains(position), "the run was not stopped in its middle")
        try await topics.deleteRecords(of: topic, before: position + 70)

        for _ in 0..<2 {
            let second = try await place.backfill()
            #expect(second.exitCode == 1, "\(second.errors)")
            #expect(second.errors.contains("the offsets \(position)..\(position + 70) any more"), "\(second.errors)")
            let found = try await rows(of: collection)
            let missing = (0..<position).filter { found["message \($0)"] == nil }
            #expect(missing.isEmpty, "everything before the gap has to be there, \(missing) is not")
            #expect(try place.units()?.first?.position == unit.position)
        }

        try await expectGap(place, position..<position + 70, ["--set", "source.kafka.onDataLoss=skip"])
        // What was under way when the first run was stopped may have been written, and nobody knows.
        let gap = Set((position..<position + 70).map { "message \($0)" })
        let differences = RowComparison.differences(
            between: try await rows(of: collection).filter { !gap.contains($0.key) },
            and: before.filter { !gap.contains($0.key) })
        #expect(differences.isEmpty, "\(differences)")
    }

    @Test func messagesThatAreRemovedDuringARunStopItOrAreAGap() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        // A hundred make a chunk, and about one more chunk than there are processors is read ahead of the writing. The
        // second range is fetched when the first one is read, long after the first row is written.
        let end = 100 * (ProcessInfo.processInfo.activeProcessorCount + 10)
        let (ranges, gap) = ([0..<end, end + 100..<end + 200], end + 100..<end + 150)
        try await topics.produce(
            (0..<ranges[1].upperBound).map { Echo.message($0, padding: 10_000, codec: .zstd) }, to: topic)
        let (first, last) = (try await messages(ranges[0]), try await messages(gap.upperBound..<ranges[1].upperBound))
        try writeJob(place, ranges, collection: collection, run: "{lanes: 1, batch: {rows: 1}}")
        let (binary, job) = (try TestEnvironment.binary(), place.path("job.yaml"))
        let stopped = try await Command.run(binary, ["run", job, "--rate", "50/s"]) { program in
            try await place.waitUntilUnderWay(program)
            try await topics.deleteRecords(of: topic, before: gap.upperBound)
            // From here on the job's own rate holds, which is none.
            program.send(.terminalClosed)
        }
        #expect(stopped.exitCode == 1, "\(stopped.errors)")
        #expect(
            stopped.errors.contains("the offsets \(gap.lowerBound)..\(gap.upperBound) any more"), "\(stopped.errors)")
        let status = try await place.backfill("status")
        #expect(
            status.output.contains("last error") && status.output.contains("\(gap.lowerBound)..\(gap.upperBound)"),
            "\(status.output)")
        let differences = RowComparison.differences(between: try await rows(of: collection), and: first)
        #expect(differences.isEmpty, "everything before the gap, and nothing more: \(differences)")

        try await expectGap(place, gap, ["--set", "source.kafka.onDataLoss=skip"])
        let rest = RowComparison.differences(
            between: try await rows(of: collection), and: first.merging(last) { one, _ in one })
        #expect(rest.isEmpty, "\(rest)")
    }
}
