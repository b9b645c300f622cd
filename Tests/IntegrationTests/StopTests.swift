import Foundation
import Subprocess
import Testing

/// Signals: what was read is written and checkpointed, and the next run goes on.
@Suite(.serialized) struct StopTests {
    private let collection = "stops"
    /// A few chunks, each of many batches.
    private static let (messages, keys, padding) = (24_000, 10_000, 500)
    private let run = "{lanes: 2, batch: {rows: 20}}"

    private func prepared(_ place: borrowing Workplace) async throws -> (Oracle, RandomSource) {
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(collection, RandomSource.schema)
        let source = RandomSource(seed: 7, messages: Self.messages, keys: Self.keys, padding: Self.padding)
        try place.writeDump(source.lines, to: "dump.jsonl.zst", linesPerFrame: 5_000)
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection, record: "{drop: [padding]}", run: run)
        return (oracle, source)
    }

    /// Runs the job, sends it signals once it is under way, 30 ms after one another, and waits for its end.
    ///
    /// - Returns: how it ended, and how long that took from the last signal.
    private func stop(
        _ place: borrowing Workplace, with signals: [Subprocess.Signal]
    ) async throws -> (CommandResult, Duration) {
        let clock = ContinuousClock()
        var sent = clock.now
        let result = try await Command.run(TestEnvironment.binary(), ["run", place.path("job.yaml")]) { send in
            try await place.waitUntilUnderWay()
            for (number, signal) in signals.enumerated() {
                if number > 0 { try await Task.sleep(for: .milliseconds(30)) }
                sent = clock.now
                _ = send(signal)
            }
        }
        return (result, sent.duration(to: clock.now))
    }

    /// Stops two runs with a signal each, and lets a third one come to its end.
    private func expectDrains(
        _ place: borrowing Workplace, _ oracle: Oracle, expected: [String: NSDictionary]
    ) async throws {
        for (signal, code) in [(.interrupt, 130), (.terminate, 143)] as [(Subprocess.Signal, Int32)] {
            let (result, time) = try await stop(place, with: [signal])
            #expect(result.exitCode == code, "\(result.errors)")
            #expect(time < .seconds(5))
        }
        let status = try await place.backfill("status")
        #expect(status.output.contains("unfinished after 2 runs"), "\(status.output)")
        let last = try await place.backfill()
        #expect(last.exitCode == 0, "\(last.errors)")
        let differences = RowComparison.differences(between: try await oracle.rows(of: collection), and: expected)
        #expect(differences.isEmpty, "\(differences.prefix(10))")
    }

    @Test func aSignalDrainsCheckpointsAndSaysHowItEnded() async throws {
        let place = try Workplace()
        let (oracle, source) = try await prepared(place)
        try await expectDrains(place, oracle, expected: source.rows())
    }

    @Test func aSignalStopsARunOfATopicAsWell() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(collection, RandomTopic.schema)
        let topic = RandomTopic(seed: 8, messages: Self.messages, keys: Self.keys, padding: Self.padding)
        let expected = try await topic.write(to: collection, try Topics.shared())
        try place.writeTopicJob(
            ranges: ["{topic: \(collection), start: earliest, end: latest}"], uri: oracle.uri, collection: collection,
            record: RandomTopic.record, run: run)
        try await expectDrains(place, oracle, expected: expected.rows)
    }

    @Test func aSecondSignalEndsTheRunAtOnce() async throws {
        let place = try Workplace()
        _ = try await prepared(place)
        let (result, time) = try await stop(place, with: [.interrupt, .interrupt])
        #expect(result.exitCode == 130)
        #expect(time < .seconds(1))
    }
}
