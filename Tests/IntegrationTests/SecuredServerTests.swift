import Foundation
import Testing

/// A full server with authorization and mutual TLS, in a database of its own.
@Suite(.serialized) struct SecuredServerTests {
    private func prepared(
        _ place: borrowing Workplace, tls: String, token: String? = "${BACKFILL_TEST_TOKEN}"
    ) async throws -> Oracle {
        let certificates = try TestEnvironment.variable("MILVUS_SECURED_CERTIFICATES")
        let uri = try TestEnvironment.variable("MILVUS_SECURED_URI")
        var oracle = Oracle(uri: uri)
        oracle.environment = [
            "MILVUS_TOKEN": "root:Milvus", "MILVUS_CA": "\(certificates)/ca.pem",
            "MILVUS_CERTIFICATE": "\(certificates)/client.pem", "MILVUS_KEY": "\(certificates)/client.key",
        ]
        try await oracle.createDatabase("backfill")
        oracle.environment["MILVUS_DATABASE"] = "backfill"
        try await oracle.create("secured", People.schema)
        try place.writeDump(People.records(0..<30), to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: uri, collection: "secured",
            target: ", database: backfill" + (token.map { ", token: \"\($0)\"" } ?? "")
                + tls.replacing("@", with: certificates))
        return oracle
    }

    private let mutual = ", tls: {ca: \"@/ca.pem\", certificate: \"@/client.pem\", key: \"@/client.key\"}"

    @Test func aJobWithTokenCertificateAndDatabaseIsLetIn() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, tls: mutual)
        let result = try await place.backfill("run", environment: ["BACKFILL_TEST_TOKEN": "root:Milvus"])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try await oracle.count(of: "secured") == 30)
    }

    @Test func aWrongTokenIsFatalAtOnceInTheServersWords() async throws {
        let place = try Workplace()
        _ = try await prepared(place, tls: mutual)
        let result = try await place.backfill("run", environment: ["BACKFILL_TEST_TOKEN": "root:wrong-secret"])
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("please check username and password"), "\(result.errors)")
        #expect(result.errors.contains("target.milvus.token"), "\(result.errors)")
        #expect(!result.errors.contains("wrong-secret"), "\(result.errors)")
    }

    @Test func anUnknownAuthorityIsRefused() async throws {
        let place = try Workplace()
        _ = try await prepared(place, tls: mutual.replacing("ca: \"@/ca.pem\", ", with: ""))
        let result = try await place.backfill("run", environment: ["BACKFILL_TEST_TOKEN": "root:Milvus"])
        #expect(result.exitCode != 0)
        #expect(result.errors.localizedCaseInsensitiveContains("certificate"), "\(result.errors)")
        #expect(result.errors.contains("target.milvus.tls.ca"), "\(result.errors)")
    }

    /// TLS notices what is damaged on the way; what is in doubt is sent again.
    @Test(arguments: UInt64(1)...3) func streamsThatAreCutRepeatedAndChangedLoseNothing(seed: UInt64) async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, tls: mutual)
        let uri = try #require(URL(string: TestEnvironment.variable("MILVUS_SECURED_URI")))
        let proxy = TestServer.faultyProxy(port: 28098, to: try #require(uri.port), seed: seed, faults: 12)
        try place.writeDump(People.records(0..<5000), to: "dump.jsonl.zst")
        let result = try await proxy.run {
            try await place.backfill(
                "run",
                [
                    "--report-json", place.path("report.json"), "--set", "run.batch.rows=100", "--set",
                    "target.milvus.uri=https://localhost:28098",
                ], environment: ["BACKFILL_TEST_TOKEN": "root:Milvus"])
        }
        #expect(result.exitCode == 0, "seed \(seed): \(result.errors)")
        #expect(try place.json("report.json")["retries"] as? Int ?? 0 > 0, "seed \(seed): nothing was damaged")
        let rows = try await oracle.rows(of: "secured")
        #expect(Set(rows.keys) == Set((0..<5000).map(String.init)), "seed \(seed)")
        #expect(rows.allSatisfy { $1["name"] as? String == "name \($0)" }, "seed \(seed)")
    }

    /// The server's own limit: what it turns away is sent again until it fits.
    @Test func theServersRateLimitIsWaitedOut() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, tls: mutual)
        try place.writeDump(
            (0..<20_000).map { People.record($0, name: "name of twenty bytes") }, to: "dump.jsonl.zst")
        let result = try await place.backfill(
            "run", ["--report-json", place.path("report.json")], environment: ["BACKFILL_TEST_TOKEN": "root:Milvus"])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.errors.contains("rate limit exceeded"), "\(result.errors)")
        #expect(try place.json("report.json")["retries"] as? Int ?? 0 > 0)
        #expect(try await oracle.count(of: "secured") == 20_000)
    }

    @Test func aMissingClientCertificateIsRefused() async throws {
        let place = try Workplace()
        _ = try await prepared(place, tls: ", tls: {ca: \"@/ca.pem\"}")
        let result = try await place.backfill("run", environment: ["BACKFILL_TEST_TOKEN": "root:Milvus"])
        #expect(result.exitCode == 75 || result.exitCode == 1)
        #expect(!result.errors.isEmpty)
    }
}
