import Foundation
import Subprocess
import Testing

/// Signals: what was read is written and checkpointed, and the next run goes on.
@Suite(.serialized) struct StopTests {
    private let collection = "stops"
    /// A few chunks, each of many batches.
    private static let (messages, keys, padding) = (24_000, 10_000, 500)
    /// At this rate the whole takes 24 seconds.
    private let run = "{lanes: 2, batch: {rows: 20}, rate: 1000/s}"

    /// Stops two runs with a signal each, and lets a third one come to its end.
    private func expectDrains(
        _ place: borrowing Workplace, _ oracle: Oracle, expected: [String: NSDictionary]
    ) async throws {
        let clock = ContinuousClock()
        for (signal, code) in [(.interrupt, 130), (.terminate, 143)] as [(Subprocess.Signal, Int32)] {
            var sent = clock.now
            let result = try await Command.run(TestEnvironment.binary(), ["run", place.path("job.yaml")]) { program in
                try await place.waitUntilUnderWay(program)
                sent = clock.now
                program.send(signal)
            }
            #expect(result.exitCode == code, "\(result.errors)")
            // Four seconds are for what is on its way.
            #expect(sent.duration(to: clock.now) < .seconds(15))
        }
        let status = try await place.backfill("status")
        #expect(status.output.contains("unfinished after 2 runs"), "\(status.output)")
        let last = try await place.backfill("run", ["--rate", "1000000/s"])
        #expect(last.exitCode == 0, "\(last.errors)")
        let differences = RowComparison.differences(between: try await oracle.rows(of: collection), and: expected)
        #expect(differences.isEmpty, "\(differences.prefix(10))")
    }

    @Test func aSignalDrainsCheckpointsAndSaysHowItEnded() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(collection, RandomSource.schema)
        let source = RandomSource(seed: 7, messages: Self.messages, keys: Self.keys, padding: Self.padding)
        try place.writeDump(source.lines, to: "dump.jsonl.zst", linesPerFrame: 5_000)
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection, record: "{drop: [padding]}", run: run)
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
        try place.writeDump(People.records(0..<100), to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: "http://127.0.0.1:28096", collection: place.newCollection,
            target: People.create)
        let server = TestServer.faultInjector(
            port: 28096, to: try TestEnvironment.lite(), faults: ["code:9"], times: -1)
        let result = try await server.run {
            try await Command.run(TestEnvironment.binary(), ["run", place.path("job.yaml")]) { program in
                // From here on a first signal alone leaves four seconds for writes that do not succeed.
                try await program.waitUntilItSays("store.retry")
                // Two of one kind may become one before the program looks.
                program.send(.interrupt)
                program.send(.terminate)
            }
        }
        #expect([130, 143].contains(result.exitCode), "\(result.errors)")
        #expect(result.errors.contains("run.stopping"), "\(result.errors)")
        #expect(!result.errors.contains("run.end"), "\(result.errors)")
    }
}
