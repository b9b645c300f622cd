import Foundation
import Subprocess
import TestSupport
import Testing

/// Jobs that leave stored rows alone which are newer than their records.
@Suite(.serialized) struct IfNewerTests {
    private static let fields = """
        {name: id, type: Int64, primaryKey: true}, {name: origin, type: VarChar, maxLength: 20},
        {name: embedding, type: FloatVector, dim: 2}
        """

    private func writeJob(
        _ place: borrowing Workplace, _ records: [String], name: String, uri: String, collection: String,
        time: String = "{name: at, type: Int64}", keys: String = "", ifNewer: Bool = true, run: String = ""
    ) throws {
        try place.writeDump(records, to: "\(name).jsonl.zst", linesPerFrame: 200)
        try place.writeJob(
            paths: ["\(name).jsonl.zst"], uri: uri, collection: collection,
            run: "{checkpoint: \(name).json\(ifNewer ? ", ifNewer: {field: at}" : "")\(run)}",
            target: """
                \(keys), create: {fields: [\(Self.fields), \(time)], consistency: Strong,
                indexes: [{field: embedding, type: FLAT, metric: L2}]}
                """)
    }

    private func record(_ id: Int, _ origin: String, at time: String?) -> String {
        #"{"id":\#(id),"origin":"\#(origin)","embedding":[\#(id),1]\#(time.map { #","at":\#($0)"# } ?? "")}"#
    }

    @Test(arguments: [MilvusTarget.liteOverGRPC, .liteOverREST, .fullOverGRPC])
    func newerRowsStayOlderOnesAreReplacedAndBothAreCounted(target: MilvusTarget) async throws {
        let place = try Workplace()
        let (name, uri) = (place.newCollection, try target.uri())
        try writeJob(
            place, (0..<300).map { record($0, "live", at: "100") }, name: "live", uri: uri, collection: name,
            keys: target.keys, ifNewer: false)
        #expect(try await place.backfill().exitCode == 0)
        let times = [50, 100, 150]
        try writeJob(
            place, (0..<450).map { record($0, "replay", at: "\(times[$0 % 3])") }, name: "replay", uri: uri,
            collection: name, keys: target.keys)
        let (code, report) = try await place.report()
        #expect(code == 0)
        #expect(report["rowsNewer"] as? Int == 100 && report["rowsUpserted"] as? Int == 350, "\(report)")
        let rows = try await target.oracle().rows(of: name)
        #expect(rows.count == 450)
        for (id, row) in rows {
            let number = try #require(Int(id))
            let isNewer = number < 300 && number % 3 == 0
            #expect(row["origin"] as? String == (isNewer ? "live" : "replay"), "\(row)")
        }
        let status = try await place.backfill("status")
        #expect(status.output.contains("100 left as they are newer"), "\(status.output)")
        for scope in [[], ["--full"]] {
            let verified = try await place.backfill("verify", scope)
            #expect(verified.exitCode == 0, "a newer row is right: \(verified.output)")
        }
        let other = try await place.backfill("run", ["--set", "run.ifNewer.field=id"])
        #expect(other.exitCode == 12 && other.errors.contains("if newer by: at"), "\(other.errors)")
    }

    /// Instants are compared as such, and a row without one is older than any other.
    @Test func instantsAreComparedWhateverTheirOffset() async throws {
        let place = try Workplace()
        let (name, uri) = (place.newCollection, try TestEnvironment.lite())
        let time = "{name: at, type: Timestamptz, nullable: true}"
        let stored = [#""2026-01-02T03:00:00Z""#, #""2026-01-02T03:00:00.5Z""#, nil, #""2026-01-02T03:00:00Z""#]
        let sent = [
            #""2026-01-02T04:30:00+02:00""#, #""2026-01-02T03:00:01Z""#, #""2001-01-01T00:00:00Z""#, nil,
        ]
        try writeJob(
            place, stored.enumerated().map { record($0, "live", at: $1) }, name: "live", uri: uri, collection: name,
            time: time, ifNewer: false)
        #expect(try await place.backfill().exitCode == 0)
        try writeJob(
            place, sent.enumerated().map { record($0, "replay", at: $1) }, name: "replay", uri: uri, collection: name,
            time: time)
        let (code, report) = try await place.report()
        #expect(code == 0 && report["rowsNewer"] as? Int == 2, "\(report)")
        let rows = try await Oracle(uri: uri).rows(of: name)
        #expect((0..<4).map { rows["\($0)"]?["origin"] as? String } == ["live", "replay", "replay", "live"], "\(rows)")
    }

    /// Few keys and many records, in any order of time: the newest stays, whatever was sent twice.
    @Test(arguments: [UInt64(5)]) func killedRunsLeaveTheNewestRow(seed: UInt64) async throws {
        let place = try Workplace()
        let (name, uri) = (place.newCollection, try TestEnvironment.lite())
        var random = SeededGenerator(seed: seed)
        var newest: [Int: (time: Int, origin: String)] = [:]
        var records: [String] = []
        for number in 0..<6_000 {
            let (id, time) = (random.number(0...300), random.number(0...1_000))
            records.append(record(id, "\(number)", at: "\(time)"))
            if time >= newest[id]?.time ?? 0 { newest[id] = (time, "\(number)") }
        }
        try writeJob(
            place, records, name: "replay", uri: uri, collection: name, run: ", lanes: 2, batch: {rows: 25}")
        let checkpoint = place.folder.appending(path: "replay.json")
        for _ in 0..<4 {
            let result = try await Command.run(
                TestEnvironment.binary(), ["run", place.path("job.yaml")],
                signals: [(.kill, after: .milliseconds(random.number(300...900)))])
            try #require(result.exitCode == 137 || result.exitCode == 0, "seed \(seed): \(result.errors)")
        }
        #expect(FileManager.default.fileExists(atPath: checkpoint.path), "seed \(seed)")
        let last = try await place.backfill()
        #expect(last.exitCode == 0, "seed \(seed): \(last.errors)")
        let rows = try await Oracle(uri: uri).rows(of: name)
        #expect(rows.count == newest.count, "seed \(seed)")
        for (id, row) in newest {
            #expect(rows["\(id)"]?["origin"] as? String == row.origin, "seed \(seed): key \(id)")
        }
    }

    @Test func aRowThatBecomesNewerWhileItsBatchWaitsStays() async throws {
        let place = try Workplace()
        let (name, uri) = (place.newCollection, try TestEnvironment.lite())
        let oracle = Oracle(uri: uri)
        // The second batch would wait for minutes.
        try writeJob(
            place, (0..<2000).map { record($0, "replay", at: "100") }, name: "replay", uri: uri, collection: name,
            run: ", lanes: 1, batch: {rows: 1000}, logLevel: debug, rate: 1/s")
        let slow = try String(contentsOf: place.folder.appending(path: "job.yaml"), encoding: .utf8)
        let result = try await Command.run(TestEnvironment.binary(), ["run", place.path("job.yaml")]) { program in
            try await program.waitUntilItSays("store.write")
            try await oracle.upsert("[\(record(1500, "live", at: "200"))]", into: name)
            try place.write(slow.replacing(", rate: 1/s", with: ""), to: "job.yaml")
            program.send(.init(rawValue: SIGHUP))
        }
        #expect(result.exitCode == 0, "\(result.errors)")
        let rows = try await oracle.rows(of: name)
        #expect(rows.count == 2000 && rows["1499"]?["origin"] as? String == "replay")
        #expect(rows["1500"]?["origin"] as? String == "live")
    }

    /// No row is sent with a question, so whatever it is answered with is the server's own trouble.
    @Test func anAnswerToALookThatMeansNothingIsWaitedOut() async throws {
        let place = try Workplace()
        let (name, uri) = (place.newCollection, try TestEnvironment.lite())
        // More often than words are asked for again that may mean the rows.
        let server = TestServer.faultInjector(port: 28096, to: uri, faults: ["query:65535"], times: 6)
        try writeJob(
            place, [record(1, "replay", at: "100")], name: "replay", uri: "http://127.0.0.1:28096", collection: name)
        let code = try await server.run { try await place.report().code }
        let report = try place.json("report.json")
        #expect(code == 0 && report["retries"] as? Int == 6, "\(report)")
        #expect(try await Oracle(uri: uri).count(of: name) == 1)
    }

    @Test func whatCannotBeComparedIsFoundBeforeAnythingIsWritten() async throws {
        let place = try Workplace()
        let (name, uri) = (place.newCollection, try TestEnvironment.full())
        let envelope = #"{"topic":"t","partition":0,"offset":0,"key":"1","payload":\#(record(1, "a", at: "1"))}"#
        try writeJob(place, [envelope], name: "a", uri: uri, collection: name, ifNewer: false)
        func findings(_ field: String) async throws -> String {
            let result = try await place.backfill("plan", ["--set", "run.ifNewer.field=\(field)"])
            #expect(result.exitCode == 1, "\(result)")
            return result.errors
        }
        #expect(try await findings("nowhere").contains("no field `nowhere` (run.ifNewer.field)"))
        #expect(try await findings("origin").contains("of type VarChar(20)"))
        #expect(try await findings("id").contains("is the primary key"))
        #expect(try await findings("at").contains("record.tombstones"))
        #expect(try await place.backfill().exitCode == 0)
        try await Oracle(uri: uri).release(name)
        try writeJob(place, [record(1, "a", at: "1")], name: "b", uri: uri, collection: name)
        let unloaded = try await place.backfill()
        #expect(unloaded.exitCode == 1 && unloaded.errors.contains("it is not loaded"), "\(unloaded.errors)")
    }
}
