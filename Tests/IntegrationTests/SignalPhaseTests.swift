import Foundation
import Subprocess
import Testing

/// SIGTERM ends a run soon, whatever it is doing.
@Suite(.serialized) struct SignalPhaseTests {
    /// - Parameter event: what the run says when it is in the phase that is meant.
    private func stopped(
        _ place: borrowing Workplace, whenItSays event: String, within limit: Duration
    ) async throws -> CommandResult {
        let clock = ContinuousClock()
        var sent = clock.now
        let result = try await Command.run(TestEnvironment.binary(), ["run", place.path("job.yaml")]) { program in
            try await program.waitUntilItSays(event)
            sent = clock.now
            program.send(.terminate)
        }
        #expect(result.exitCode == 143, "\(result.errors)")
        #expect(sent.duration(to: clock.now) < limit)
        return result
    }

    @Test func whileItWaitsForAServerThatIsNotThere() async throws {
        let place = try Workplace()
        try place.writeDump(People.records(0..<10), to: "dump.jsonl.zst")
        try place.writeJob(paths: ["dump.jsonl.zst"], uri: "http://127.0.0.1:9", collection: "nowhere")
        // By itself it waits for half a minute.
        _ = try await stopped(place, whenItSays: "store.retry", within: .seconds(15))
        #expect(!FileManager.default.fileExists(atPath: place.path("job.checkpoint.json")))
    }

    @Test func whileItWaitsForABrokerThatIsNotThere() async throws {
        let place = try Workplace()
        try place.writeTopicJob(
            ranges: ["{topic: t, start: earliest, end: latest}"], bootstrap: "127.0.0.1:9",
            uri: try TestEnvironment.lite(), collection: "nowhere")
        // By itself it waits for half a minute.
        _ = try await stopped(place, whenItSays: "kafka.trouble", within: .seconds(15))
    }

    @Test func whileItRepeatsWhatTheServerDoesNotTake() async throws {
        let place = try Workplace()
        let lite = try TestEnvironment.lite()
        try place.writeDump(People.records(0..<100), to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: "http://127.0.0.1:28096", collection: place.newCollection,
            target: People.create)
        let server = TestServer.faultInjector(port: 28096, to: lite, faults: ["code:9"], times: -1)
        // By itself it repeats the writes for ten minutes.
        _ = try await server.run { try await stopped(place, whenItSays: "store.retry", within: .seconds(60)) }
        let last = try await place.backfill("run", ["--set", "target.milvus.uri=\(lite)"])
        #expect(last.exitCode == 0, "\(last.errors)")
        #expect(try await Oracle(uri: lite).count(of: place.newCollection) == 100)
    }

    /// From the first millisecond on: planning, making the collection, reading, writing, the end.
    @Test func atAnyMomentOfAShortRun() async throws {
        let lite = try TestEnvironment.lite()
        for delay in [20, 60, 100, 140, 180, 220, 260, 300, 350, 400, 500, 700] {
            let place = try Workplace()
            try place.writeDump(People.records(0..<2000), to: "dump.jsonl.zst", linesPerFrame: 100)
            try place.writeJob(
                paths: ["dump.jsonl.zst"], uri: lite, collection: place.newCollection, run: "{batch: {rows: 50}}",
                target: People.create)
            let result = try await Command.run(
                TestEnvironment.binary(), ["run", place.path("job.yaml")],
                signals: [(.terminate, after: .milliseconds(delay))])
            #expect([0, 143].contains(result.exitCode), "after \(delay) ms: \(result.errors)")
            let last = try await place.backfill()
            #expect(last.exitCode == 0, "after \(delay) ms: \(last.errors)")
            let oracle = Oracle(uri: lite)
            #expect(Set(try await oracle.rows(of: place.newCollection).keys) == Set((0..<2000).map(String.init)))
            try await oracle.drop(place.newCollection)
        }
    }
}
