import Foundation
import Subprocess
import Testing

/// Brokers that go away while a job runs.
@Suite(.serialized) struct BrokerFaultTests {
    private static let topic = "faults"
    /// A hundred messages make a chunk, and about one more chunk than there are processors is read ahead of the writing.
    /// As a range is fetched when the one before it is read, most are fetched after the broker has gone.
    private static let ranges = (0..<ProcessInfo.processInfo.activeProcessorCount + 10).map {
        $0 * 110..<$0 * 110 + 100
    }
    private static var count: Int { ranges.count * 100 }

    private struct Run {
        let task: Task<CommandResult, any Error>
        let signals: AsyncStream<Subprocess.Signal>.Continuation
        /// The rows that it has to write.
        let expected: [String: NSDictionary]
    }

    private func broker(_ place: borrowing Workplace) -> TestServer {
        .kafka(folder: place.path("broker"), port: 29093)
    }

    /// Starts a run on a broker of its own, which ends while the run is under way.
    ///
    /// The run is slow until the broker is gone, and from then on as fast as it can be.
    private func runThatLosesItsBroker(_ place: borrowing Workplace) async throws -> Run {
        let broker = broker(place)
        try place.writeTopicJob(
            ranges: Self.ranges.map { "{topic: \(Self.topic), start: \($0.lowerBound), end: \($0.upperBound)}" },
            bootstrap: broker.address, uri: try TestEnvironment.lite(), collection: place.newCollection,
            record: Echo.record, run: "{lanes: 1, batch: {rows: 1}}", target: Echo.create)
        let (programs, started) = AsyncStream.makeStream(of: RunningProgram.self)
        let (signals, sender) = AsyncStream.makeStream(of: Subprocess.Signal.self)
        let binary = try TestEnvironment.binary()
        let arguments = ["run", place.path("job.yaml"), "--rate", "50/s", "--report-json", place.path("report.json")]
        let (task, text) = try await broker.run {
            let topics = Topics(bootstrap: broker.address)
            try await topics.create(Self.topic)
            let end = try #require(Self.ranges.last?.upperBound)
            try await topics.produce((0..<end).map { Echo.message($0, padding: 10_000, codec: .zstd) }, to: Self.topic)
            let text = try await Kcat(bootstrap: broker.address).text(of: Self.topic)
            let task = Task {
                defer { started.finish() }
                return try await Command.run(binary, arguments) { program in
                    started.yield(program)
                    for await signal in signals { program.send(signal) }
                }
            }
            var program = programs.makeAsyncIterator()
            try await place.waitUntilUnderWay(try #require(await program.next()))
            return (task, text)
        }
        let settled = try #require(try place.units()?.first?.records)
        try #require(settled < Self.count / 2, "the broker is to be away in the middle of the run")
        sender.yield(.terminalClosed)
        let messages = try jsonLines(text).filter { message in
            Self.ranges.contains { $0.contains(message["offset"] as? Int ?? -1) }
        }
        try #require(messages.count == Self.count)
        return Run(task: task, signals: sender, expected: try Echo.rows(of: messages))
    }

    @Test func aBrokerThatIsRestartedDuringTheRunIsWaitedFor() async throws {
        let place = try Workplace()
        let run = try await runThatLosesItsBroker(place)
        run.signals.finish()
        try await Task.sleep(for: .seconds(5))
        try await broker(place).run {
            let result = try await run.task.value
            #expect(result.exitCode == 0, "\(result.errors)")
            #expect(result.errors.contains("kafka.trouble"), "\(result.errors)")
        }
        let differences = RowComparison.differences(
            between: try await Oracle(uri: TestEnvironment.lite()).rows(of: place.newCollection), and: run.expected)
        #expect(differences.isEmpty, "\(differences.prefix(10))")
        let report = try place.json("report.json")
        #expect(report["rowsRead"] as? Int == Self.count && report["retries"] as? Int == 0, "\(report)")
    }

    @Test func aRunThatWaitsForItsBrokerStopsWhenItIsAsked() async throws {
        let place = try Workplace()
        let run = try await runThatLosesItsBroker(place)
        // Until everything is written that had been read.
        var settled = -1
        while let records = try place.units()?.first?.records, records > settled {
            settled = records
            try await Task.sleep(for: .seconds(3))
        }
        try #require(settled < Self.count)
        let clock = ContinuousClock()
        let start = clock.now
        run.signals.yield(.terminate)
        run.signals.finish()
        let result = try await run.task.value
        // By itself it waits for five minutes.
        #expect(start.duration(to: clock.now) < .seconds(30))
        #expect(result.exitCode == 143, "\(result.errors)")

        let resumed = try await broker(place).run { try await place.backfill() }
        #expect(resumed.exitCode == 0, "\(resumed.errors)")
        let differences = RowComparison.differences(
            between: try await Oracle(uri: TestEnvironment.lite()).rows(of: place.newCollection), and: run.expected)
        #expect(differences.isEmpty, "\(differences.prefix(10))")
    }
}
