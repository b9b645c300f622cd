import Foundation
import Subprocess
import SystemPackage
import Testing

/// The Milvus Lite that a job starts and stops itself.
@Suite(.serialized) struct EmbeddedTests {
    private func prepare(_ place: borrowing Workplace, messages: Int) throws -> RandomSource {
        let source = RandomSource(seed: 11, messages: messages, keys: 500, padding: 500)
        try place.writeDump(source.lines, to: "dump.jsonl.zst", linesPerFrame: 1_000)
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: "./local.db", collection: "embedded", record: "{drop: [padding]}",
            run: "{lanes: 2, batch: {rows: 20}}",
            target: """
                , create: {fields: [{name: id, type: Int64, primaryKey: true}, {name: value, type: Int64},
                {name: title, type: VarChar, maxLength: 200}, {name: embedding, type: FloatVector, dim: 8}],
                indexes: [{field: embedding, type: FLAT, metric: L2}]}
                """)
        return source
    }

    /// Whether a Milvus Lite serves the folder, without being told its port.
    private func isServed(_ place: borrowing Workplace) async throws -> Bool {
        try await Command.run("/usr/bin/env", ["pgrep", "-f", place.path("local.db")]).exitCode == 0
    }

    private func rows(_ place: borrowing Workplace) async throws -> [String: NSDictionary] {
        let server = TestServer.milvusLite(folder: place.path("local.db"), port: 29531)
        return try Oracle.rows(
            in: try await server.run { try await Oracle(uri: "http://\(server.address)").text(of: "embedded") })
    }

    @Test func aJobStartsFillsAndStopsItsOwnServer() async throws {
        let place = try Workplace()
        let source = try prepare(place, messages: 3_000)
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        let verified = try await place.backfill("verify", ["--full"])
        #expect(verified.exitCode == 0, "\(verified.errors)")
        #expect(try await !isServed(place))
        let attributes = try FileManager.default.attributesOfItem(atPath: place.path("local.db"))
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        #expect(RowComparison.differences(between: try await rows(place), and: source.rows()).isEmpty)
        // Rows are read whose collection a server that was started again has not loaded.
        let comparing = try await place.backfill(
            "run",
            [
                "--set", "run.checkpoint=other.json", "--set", "run.ifNewer.field=value", "--set",
                "record.tombstones=skip",
            ])
        #expect(comparing.exitCode == 0, "\(comparing.errors)")
    }

    @Test func theServerEndsWithItsParentHoweverThatDies() async throws {
        let place = try Workplace()
        let source = try prepare(place, messages: 20_000)
        for signal in [.kill, .terminate, .kill] as [Subprocess.Signal] {
            let result = try await place.backfill(["--rate", "1000/s"], until: signal)
            #expect(result.exitCode == 128 + signal.rawValue, "\(result.errors)")
            let clock = ContinuousClock()
            let end = clock.now + .seconds(120)
            while try await isServed(place) {
                try #require(clock.now < end, "the server is still there after \(signal)")
                try await clock.sleep(for: .milliseconds(100))
            }
        }
        let last = try await place.backfill()
        #expect(last.exitCode == 0, "\(last.errors)")
        #expect(RowComparison.differences(between: try await rows(place), and: source.rows()).isEmpty)
    }

    @Test func withoutMilvusLiteTheErrorSaysHowToInstallIt() async throws {
        let place = try Workplace()
        _ = try prepare(place, messages: 10)
        let result = try await place.backfill("run", environment: ["PATH": "/usr/bin:/bin"])
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("pip install milvus-lite==3.2.2"), "\(result.errors)")
    }
}
