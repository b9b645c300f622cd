import Foundation
import Testing

/// What a server may answer to a write, and what becomes of the job. Everything but the answer is a real Milvus.
@Suite(.serialized) struct ErrorClassTests {
    /// An answer that ends a run.
    private struct Ending {
        /// As `fault_injector.py` takes it.
        var fault: String
        var exitCode: Int32
        /// What the person has to read.
        var words: [String]
    }

    /// Waited for, with the same bytes sent again.
    private static let passing =
        ["code:1", "rpc:INTERNAL", "code:2", "code:65535", "code:4", "rpc:UNKNOWN", "code:5", "code:1001", "code:8"]
        + ["legacy:1", "code:101", "code:103", "code:106", "code:110", "code:1002", "code:1302", "code:1807"]
        + ["legacy:22", "legacy:49", "rpc:UNAVAILABLE", "rpc:ABORTED", "rpc:DEADLINE_EXCEEDED", "rpc:CANCELLED"]
        + ["rpc:RESOURCE_EXHAUSTED", "lost", "code:9", "legacy:53"]

    /// End a run with the code that says: later. The timeouts of the job are short.
    private static let lasting =
        [3, 7, 9, 11, 12, 250].map {
            Ending(fault: "code:\($0)", exitCode: 75, words: ["for lack of resources", "(code \($0),"])
        }
        + [48, 53, 54, 55].map {
            Ending(fault: "legacy:\($0)", exitCode: 75, words: ["for lack of resources", "error code \($0)"])
        }
        + ["code:8", "rpc:UNAVAILABLE", "code:65535"].map {
            Ending(fault: $0, exitCode: 75, words: ["did not become available", "injected"])
        }

    /// End a run at once, in the server's words.
    private static let hopeless =
        ["code:1400", "rpc:UNAUTHENTICATED", "rpc:PERMISSION_DENIED"].map {
            Ending(fault: $0, exitCode: 1, words: ["injected", "target.milvus.token"])
        }
        + ["code:100", "code:200", "legacy:4"].map {
            Ending(fault: $0, exitCode: 12, words: ["is gone", "injected", "--restart"])
        }
        + ["code:109", "legacy:62"].map {
            Ending(fault: $0, exitCode: 12, words: ["it has another schema", "injected", "--restart"])
        } + [
            Ending(fault: "rpc:UNIMPLEMENTED", exitCode: 1, words: ["injected"]),
            Ending(fault: "code:3000", exitCode: 1, words: ["injected"]),
            Ending(fault: "code:1100", exitCode: 1, words: ["every single one", "injected"]),
        ]

    private static let (count, port) = (600, 28095)
    private static let collection = "error_classes"

    private func prepared(
        _ place: borrowing Workplace, schema: String = People.schema, records: [String] = People.records(0..<count),
        run: String
    ) async throws -> Oracle {
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(Self.collection, schema)
        try place.writeDump(records, to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: "http://127.0.0.1:\(Self.port)", collection: Self.collection,
            record: "{onReject: {policy: file}}", run: run)
        return oracle
    }

    /// Runs the job on a server that answers with faults.
    private func report(
        _ place: borrowing Workplace, _ oracle: Oracle, faults: [String], times: Int
    ) async throws -> (code: Int32, report: NSDictionary) {
        let server = TestServer.faultInjector(port: Self.port, to: oracle.uri, faults: faults, times: times)
        let code = try await server.run { try await place.report().code }
        return (code, try place.json("report.json"))
    }

    private func expectEveryRow(_ place: borrowing Workplace, _ oracle: Oracle) async throws {
        let rows = try await oracle.rows(of: Self.collection)
        #expect(Set(rows.keys) == Set((0..<Self.count).map(String.init)))
        #expect(rows.allSatisfy { $1["name"] as? String == "name \($0)" })
    }

    @Test func whatPassesIsWaitedForAndSentAgain() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, run: "{lanes: 1, batch: {rows: 20}}")
        // Each is met by another request, so that no pause has time to grow.
        let (code, report) = try await report(place, oracle, faults: Self.passing.flatMap { [$0, "pass"] }, times: 1)
        #expect(code == 0, "\(report["error"] ?? "no error")")
        #expect(report["retries"] as? Int == Self.passing.count, "\(report)")
        #expect(report["rowsUpserted"] as? Int == Self.count && report["rowsRejected"] as? Int == 0)
        try await expectEveryRow(place, oracle)
    }

    @Test func whatLastsAndWhatIsHopelessEndsTheRunAndLosesNothing() async throws {
        let place = try Workplace()
        let oracle = try await prepared(
            place, run: "{lanes: 2, batch: {rows: 40}, unavailableTimeout: 2s, quotaTimeout: 1s}")
        let clock = ContinuousClock()
        for ending in Self.lasting + Self.hopeless {
            let start = clock.now
            let (code, report) = try await report(place, oracle, faults: [ending.fault], times: -1)
            let error = report["error"] as? String ?? "no error"
            #expect(code == ending.exitCode, "\(ending.fault): \(error)")
            for word in ending.words { #expect(error.contains(word), "\(ending.fault): \(error)") }
            // Five minutes are what a run waits by itself.
            #expect(start.duration(to: clock.now) < .seconds(200), "\(ending.fault)")
            #expect(!FileManager.default.fileExists(atPath: place.path("job.rejects.jsonl.zst")), "\(ending.fault)")
        }
        // Whatever it was, once it is over the same command finishes the job.
        let (code, report) = try await report(place, oracle, faults: ["code:1"], times: 1)
        #expect(code == 0, "\(report["error"] ?? "no error")")
        try await expectEveryRow(place, oracle)
    }

    @Test func aLateAnswerIsWaitedForAndWhatMeansNothingAskedForAgain() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, run: "{lanes: 2, batch: {rows: 100}}")
        let (code, report) = try await report(place, oracle, faults: ["late:2", "legacy:1", "rpc:DATA_LOSS"], times: 1)
        #expect(code == 0 && report["retries"] as? Int == 2, "\(report)")
        try await expectEveryRow(place, oracle)
    }

    @Test func aRequestThatIsTooLargeIsHalvedAndARowThatIsTooLargeAloneRejected() async throws {
        let place = try Workplace()
        let large = People.record(Self.count, name: String(repeating: "x", count: 3000))
        let oracle = try await prepared(
            place, schema: People.schema.replacing("\"max_length\": 20", with: "\"max_length\": 5000"),
            records: People.records(0..<Self.count) + [large], run: "{lanes: 1}")
        let (code, report) = try await report(place, oracle, faults: ["too-large:2000"], times: -1)
        #expect(code == 3, "\(report["error"] ?? "no error")")
        #expect(report["rowsRejected"] as? Int == 1 && report["rowsUpserted"] as? Int == Self.count, "\(report)")
        #expect(report["requests"] as? Int ?? 0 >= 8, "\(report)")
        let reject = try #require(try jsonLines(try await place.rejects()).first)
        #expect(reject["payload"] as? String == large)
        try await expectEveryRow(place, oracle)
    }
}
