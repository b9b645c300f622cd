import Foundation
import Subprocess
import Testing

/// Stops by the clock, and what can be changed while a run is under way.
@Suite(.serialized) struct TimeWindowTests {
    private static let count = 3000

    private func prepared(_ place: borrowing Workplace, run: String) async throws -> Oracle {
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("time_window", People.schema)
        try place.writeDump(People.padded(0..<Self.count), to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: "time_window", record: People.dropPadding, run: run)
        return oracle
    }

    private func expectTheRest(_ place: borrowing Workplace, _ oracle: Oracle) async throws {
        let last = try await place.backfill("run", ["--rate", "1000000/s", "--set", "run.maxDuration=1h"])
        #expect(last.exitCode == 0, "\(last.errors)")
        let rows = try await oracle.rows(of: "time_window")
        #expect(Set(rows.keys) == Set((0..<Self.count).map(String.init)))
    }

    @Test func aRunStopsAfterItsLongestTimeAndTheNextOneGoesOn() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, run: "{batch: {rows: 10}, rate: 100/s, maxDuration: 8s}")
        let (code, report) = try await place.report()
        #expect(code == 75)
        #expect(report["outcome"] as? String == "interrupted")
        let settled = try #require(report["rowsUpserted"] as? Int)
        // So many take 25 seconds.
        #expect(settled > 0 && settled < 2500, "\(settled)")
        try await expectTheRest(place, oracle)
    }

    @Test func aRunStopsBeforeAGivenTime() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, run: "{batch: {rows: 10}, rate: 100/s}")
        let until = Date.now.addingTimeInterval(3).formatted(.iso8601)
        let result = try await place.backfill("run", ["--until", until])
        #expect(result.exitCode == 75, "\(result.errors)")
        #expect(result.errors.contains("the time window ends"), "\(result.errors)")
        let over = try await place.backfill("run", ["--until", "2026-01-01T00:00:00Z"])
        #expect(over.exitCode == 75, "\(over.errors)")
        #expect(over.errors.contains("stopped before anything was read or written"), "\(over.errors)")
        let wrong = try await place.backfill("run", ["--until", "25:00"])
        #expect(wrong.exitCode == 64)
        try await expectTheRest(place, oracle)
    }

    @Test func aHangupReadsRateAndLogLevelAnew() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, run: "{batch: {rows: 10}, rate: 10000/s, logLevel: debug}")
        let clock = ContinuousClock()
        let start = clock.now
        let (job, wrong) = (place.path("job.yaml"), place.path("wrong.yaml"))
        let result = try await Command.run(
            TestEnvironment.binary(), ["run", job, "--rate", "50/s", "--log-level", "warning"]
        ) { program in
            try await place.waitUntilUnderWay(program)
            // A file that is being edited changes nothing.
            try FileManager.default.moveItem(atPath: job, toPath: wrong)
            try Data("run: [".utf8).write(to: URL(filePath: job))
            program.send(.terminalClosed)
            try await program.waitUntilItSays("run.notAdjusted")
            try FileManager.default.removeItem(atPath: job)
            try FileManager.default.moveItem(atPath: wrong, toPath: job)
            program.send(.terminalClosed)
        }
        #expect(result.exitCode == 0, "\(result.errors)")
        // At the rate that it began with it would take a minute.
        #expect(start.duration(to: clock.now) < .seconds(55))
        #expect(result.errors.contains("run.adjusted") && result.errors.contains("rate=10000/s"))
        let before = result.errors.prefix(
            upTo: result.errors.firstRange(of: "run.adjusted")?.lowerBound ?? result.errors.endIndex)
        #expect(!before.contains("store.write") && !before.contains("run.start"))
        #expect(result.errors.contains("store.write"))
        #expect(try await oracle.count(of: "time_window") == Self.count)
    }

    /// A clock that jumps neither ends a run nor keeps it from its end, unless the run is to stop by that clock.
    @Test(arguments: [false, true]) func aClockThatJumpsIsSurvived(stopsByTheClock: Bool) async throws {
        let place = try Workplace()
        let rate = stopsByTheClock ? 100 : 500
        let oracle = try await prepared(place, run: "{batch: {rows: 20}, rate: \(rate)/s, maxDuration: 1h}")
        let clock = place.path("clock")
        func jump(_ days: Int) throws { try Data("\(days * 86_400)\n".utf8).write(to: URL(filePath: clock)) }
        try jump(0)
        _ = try await Command.output(
            of: "/usr/bin/env",
            ["clang", "-shared", "-fPIC", "-o", place.path("clock.so"), TestFolders.server("false_clock.c")])
        let until = stopsByTheClock ? ["--until", Date.now.addingTimeInterval(3600).formatted(.iso8601)] : []
        let program = [
            "FALSE_CLOCK=\(clock)", "LD_PRELOAD=\(place.path("clock.so"))", try TestEnvironment.binary(), "run",
            place.path("job.yaml"),
        ]
        let result = try await Command.run("/usr/bin/env", program + until) { program in
            try await place.waitUntilUnderWay(program)
            // The last one stands until the run has ended.
            for days in stopsByTheClock ? [-10, -3, 10] : [-10, 10, -3, 0] {
                try jump(days)
                try await Task.sleep(for: .milliseconds(stopsByTheClock ? 1500 : 500))
            }
        }
        #expect(result.exitCode == (stopsByTheClock ? 75 : 0), "\(result.errors)")
        try await expectTheRest(place, oracle)
    }
}
