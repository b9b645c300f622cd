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

    private typealias Run = Task<CommandResult, any Error>

    private func broker(_ place: borrowing Workplace) -> TestServer {
        .kafka(folder: place.path("broker"), port: 29093)
    }

    /// Starts a run on a broker of its own, which ends while the run is under way.
    ///
    /// - Parameter signals: for the run.
    /// - Returns: the run, and the rows that it has to write.
    private func runThatLosesItsBroker(
        _ place: borrowing Workplace, signals: AsyncStream<Subprocess.Signal>
    ) async throws -> (Run, expected: [String: NSDictionary]) {
        let broker = broker(place)
        try place.writeTopicJob(
            ranges: Self.ranges.map { "{topic: \(Self.topic), start: \($0.lowerBound), end: \($0.upperBound)}" },
            bootstrap: broker.address, uri: try TestEnvironment.lite(), collection: place.newCollection,
            record: Echo.record, run: "{lanes: 1, batch: {rows: 1}}", target: Echo.create)
        let (binary, job, report) = (try TestEnvironment.binary(), place.path("job.yaml"), place.path("report.json"))
        let (run, text) = try await broker.run {
            let topics = Topics(bootstrap: broker.address)
            try await topics.create(Self.topic)
            let end = try #require(Self.ranges.last?.upperBound)
            try await topics.produce((0..<end).map { Echo.message($0, padding: 10_000, codec: .zstd) }, to: Self.topic)
            let text = try await Kcat(bootstrap: broker.address).text(of: Self.topic)
            let run = Run {
                try await Command.run(binary, ["run", job, "--report-json", report]) { send in
                    for await signal in signals { _ = send(signal) }
                }
            }
            try await place.waitUntilUnderWay()
            return (run, text)
        }
        let settled = try #require(try place.units()?.first?.records)
        try #require(settled < Self.count / 2, "the broker is to be away in the middle of the run")
        let messages = try jsonLines(text).filter { message in
            Self.ranges.contains { $0.contains(message["offset"] as? Int ?? -1) }
        }
        try #require(messages.count == Self.count)
        return (run, try Echo.rows(of: messages))
    }

    @Test func aBrokerThatIsRestartedDuringTheRunIsWaitedFor() async throws {
        let place = try Workplace()
        let (signals, end) = AsyncStream.makeStream(of: Subprocess.Signal.self)
        end.finish()
        let (run, expected) = try await runThatLosesItsBroker(place, signals: signals)
        try await Task.sleep(for: .seconds(5))
        try await broker(place).run {
            let result = try await run.value
            #expect(result.exitCode == 0, "\(result.errors)")
            #expect(result.errors.contains("kafka.trouble"), "\(result.errors)")
        }
        let differences = RowComparison.differences(
            between: try await Oracle(uri: TestEnvironment.lite()).rows(of: place.newCollection), and: expected)
        #expect(differences.isEmpty, "\(differences.prefix(10))")
        let report = try place.json("report.json")
        #expect(report["rowsRead"] as? Int == Self.count && report["retries"] as? Int == 0, "\(report)")
    }

    @Test func aRunThatWaitsForItsBrokerStopsWhenItIsAsked() async throws {
        let place = try Workplace()
        let (signals, sender) = AsyncStream.makeStream(of: Subprocess.Signal.self)
        let (run, expected) = try await runThatLosesItsBroker(place, signals: signals)
        // Until everything is written that had been read.
        var settled = -1
        while let records = try place.units()?.first?.records, records > settled {
            settled = records
            try await Task.sleep(for: .seconds(3))
        }
        try #require(settled < Self.count)
        let clock = ContinuousClock()
        let start = clock.now
        sender.yield(.terminate)
        sender.finish()
        let result = try await run.value
        #expect(start.duration(to: clock.now) < .seconds(5))
        #expect(result.exitCode == 143, "\(result.errors)")

        let resumed = try await broker(place).run { try await place.backfill() }
        #expect(resumed.exitCode == 0, "\(resumed.errors)")
        let differences = RowComparison.differences(
            between: try await Oracle(uri: TestEnvironment.lite()).rows(of: place.newCollection), and: expected)
        #expect(differences.isEmpty, "\(differences.prefix(10))")
    }
}
