import Foundation
import Subprocess
import Testing

/// Signals: what was read is written and checkpointed, and the next run goes on.
@Suite(.serialized) struct StopTests {
    private let collection = "stops"

    private func prepared(_ place: borrowing Workplace) async throws -> (Oracle, RandomSource) {
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(collection, RandomSource.schema)
        let source = RandomSource(seed: 7, messages: 40_000, keys: 20_000)
        try place.writeDump(source.lines, to: "dump.jsonl.zst", linesPerFrame: 5_000)
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection, run: "{lanes: 2, batch: {rows: 20}}")
        return (oracle, source)
    }

    @Test func aSignalDrainsCheckpointsAndSaysHowItEnded() async throws {
        let place = try Workplace()
        let (oracle, source) = try await prepared(place)
        let binary = try TestEnvironment.binary()
        for (signal, code) in [(.interrupt, 130), (.terminate, 143)] as [(Subprocess.Signal, Int32)] {
            let clock = ContinuousClock()
            let start = clock.now
            let result = try await Command.run(
                binary, ["run", place.path("job.yaml")], signals: [(signal, after: .milliseconds(600))])
            #expect(result.exitCode == code, "\(result.errors)")
            #expect(start.duration(to: clock.now) < .milliseconds(5_600))
        }
        let status = try await place.backfill("status")
        #expect(status.output.contains("unfinished after 2 runs"), "\(status.output)")
        let last = try await place.backfill()
        #expect(last.exitCode == 0, "\(last.errors)")
        #expect(source.differences(from: try await oracle.rows(of: collection)).isEmpty)
    }

    @Test func aSecondSignalEndsTheRunAtOnce() async throws {
        let place = try Workplace()
        _ = try await prepared(place)
        let clock = ContinuousClock()
        let start = clock.now
        let result = try await Command.run(
            TestEnvironment.binary(), ["run", place.path("job.yaml")],
            signals: [(.interrupt, after: .milliseconds(500)), (.interrupt, after: .milliseconds(30))])
        #expect(result.exitCode == 130)
        #expect(start.duration(to: clock.now) < .seconds(2))
    }
}
