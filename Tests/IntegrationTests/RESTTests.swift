import Foundation
import Subprocess
import Testing

/// Jobs over Milvus' RESTful API: what is peculiar to HTTP.
@Suite(.serialized) struct RESTTests {
    private let port = 28090

    private func prepare(
        _ place: borrowing Workplace, _ collection: String, uri: String? = nil, records: Range<Int> = 0..<200,
        target: String = "", run: String = "{lanes: 1, batch: {rows: 50}}"
    ) throws {
        try place.writeDump(People.records(records), to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: uri ?? "http://127.0.0.1:\(port)", collection: collection, run: run,
            target: ", protocol: rest" + target)
    }

    /// Requests as the gateway has logged them: path, the connection, and what encodings the client takes.
    private func log(_ place: borrowing Workplace) throws -> [(path: String, connection: String, encoding: String)] {
        try String(contentsOfFile: place.path("gateway.log"), encoding: .utf8).split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            return (words[1], words[2], words[3])
        }
    }

    @Test func oneLaneNeedsOneConnectionAndAsksForNoCompression() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("over_rest", People.schema)
        try prepare(place, "over_rest")
        let gateway = TestServer.restGateway(
            port: port, to: try TestEnvironment.lite(), ["--log", place.path("gateway.log")])
        let result = try await gateway.run { try await place.backfill() }
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try await oracle.count(of: "over_rest") == 200)
        let requests = try log(place)
        // Beside them the target is looked at from time to time.
        let writes = requests.filter { $0.path.hasSuffix("/entities/upsert") }
        #expect(writes.count == 4, "\(requests)")
        #expect(Set(writes.map(\.connection)).count == 1, "the connection is kept: \(requests)")
        #expect(requests.allSatisfy { $0.encoding == "-" }, "\(requests)")
    }

    @Test func aCodeInTheBodyCountsAlthoughTheStatusIs200() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("faults_over_rest", People.schema)
        try prepare(place, "faults_over_rest")
        // A rate limit, a server that is not ready, and the API's own limiter: all of them pass.
        let faults = ["8", "1", "1807"].flatMap { ["--fault", "/entities/upsert", $0, "1"] }
        let gateway = TestServer.restGateway(port: port, to: try TestEnvironment.lite(), faults)
        let (code, retries) = try await gateway.run {
            let (code, report) = try await place.report()
            return (code, report["retries"] as? Int)
        }
        #expect(code == 0)
        #expect(retries == 3)
        #expect(try await oracle.count(of: "faults_over_rest") == 200)
    }

    /// 200 is what a missing partition has, and what the first servers of this API had for success.
    @Test(arguments: [(1804, 1), (200, 12)])
    func whatIsRefusedInTheBodyStopsTheRun(code: Int, exitCode: Int32) async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("refused_over_rest", People.schema)
        try prepare(place, "refused_over_rest")
        let gateway = TestServer.restGateway(
            port: port, to: try TestEnvironment.lite(), ["--fault", "/entities/upsert", "\(code)", "100000"])
        let result = try await gateway.run { try await place.backfill() }
        #expect(result.exitCode == exitCode)
        #expect(result.errors.contains("entities/upsert: injected (code \(code))"), "\(result.errors)")
    }

    @Test func aTokenIsSentAndAWrongOneIsFatalAtOnce() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("token_over_rest", People.schema)
        try prepare(place, "token_over_rest", target: ", token: \"${BACKFILL_TEST_TOKEN}\"")
        let gateway = TestServer.restGateway(port: port, to: try TestEnvironment.lite(), ["--token", "an-api-key"])
        try await gateway.run {
            let wrong = try await place.backfill("run", environment: ["BACKFILL_TEST_TOKEN": "a-wrong-key"])
            #expect(wrong.exitCode == 1)
            #expect(wrong.errors.contains("user hasn't authenticated"), "\(wrong.errors)")
            #expect(wrong.errors.contains("target.milvus.token"), "\(wrong.errors)")
            #expect(!wrong.errors.contains("a-wrong-key"), "\(wrong.errors)")
            let right = try await place.backfill("run", environment: ["BACKFILL_TEST_TOKEN": "an-api-key"])
            #expect(right.exitCode == 0, "\(right.errors)")
        }
        #expect(try await oracle.count(of: "token_over_rest") == 200)
    }

    @Test func certificatesAreCheckedOnBothSides() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("tls_over_rest", People.schema)
        let folder = place.path("certificates")
        _ = try await Command.output(of: TestFolders.server("certificates.sh"), [folder])
        let gateway = TestServer.restGateway(
            port: port, to: try TestEnvironment.lite(),
            ["--tls", "\(folder)/server.pem", "\(folder)/server.key", "--client-ca", "\(folder)/ca.pem"])
        let certificate = "certificate: \"\(folder)/client.pem\", key: \"\(folder)/client.key\""
        try await gateway.run {
            let uri = "https://localhost:\(port)"
            try prepare(place, "tls_over_rest", uri: uri, target: ", tls: {\(certificate)}")
            let unknown = try await place.backfill()
            #expect(unknown.exitCode == 1)
            #expect(unknown.errors.contains("target.milvus.tls"), "\(unknown.errors)")
            #expect(unknown.errors.contains("certificate"), "\(unknown.errors)")
            try prepare(place, "tls_over_rest", uri: uri, target: ", tls: {ca: \"\(folder)/ca.pem\"}")
            let withoutCertificate = try await place.backfill()
            #expect(withoutCertificate.exitCode == 1 || withoutCertificate.exitCode == 75)
            try prepare(
                place, "tls_over_rest", uri: uri, target: ", tls: {ca: \"\(folder)/ca.pem\", \(certificate)}")
            let right = try await place.backfill()
            #expect(right.exitCode == 0, "\(right.errors)")
        }
        #expect(try await oracle.count(of: "tls_over_rest") == 200)
    }

    @Test func theProxyOfTheEnvironmentIsUsed() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("proxied_over_rest", People.schema)
        // Nobody has this name: only through the proxy can the requests get anywhere.
        try prepare(place, "proxied_over_rest", uri: "http://milvus.invalid:19530")
        let gateway = TestServer.restGateway(port: port, to: try TestEnvironment.lite())
        let result = try await gateway.run {
            try await place.backfill("run", environment: ["http_proxy": "http://127.0.0.1:\(port)"])
        }
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try await oracle.count(of: "proxied_over_rest") == 200)
    }

    @Test func version1IsRecognisedAndNamed() async throws {
        let place = try Workplace()
        // The full server here speaks version 1, on the port of its gRPC.
        for uri in [try TestEnvironment.full(), "http://127.0.0.1:\(port)"] {
            try prepare(place, "old", uri: uri)
            let gateway = TestServer.restGateway(port: port, to: try TestEnvironment.lite(), ["--v1-only"])
            let result = try await gateway.run { try await place.backfill() }
            #expect(result.exitCode == 1)
            #expect(result.errors.contains("speaks version 1 of the RESTful API only"), "\(result.errors)")
            #expect(result.errors.contains("set target.milvus.protocol to `grpc`"), "\(result.errors)")
        }
    }

    @Test func aServerOfAnotherKindIsRefused() async throws {
        let place = try Workplace()
        // The health port of the full server speaks HTTP, and nothing of Milvus' API.
        try prepare(place, "nowhere", uri: "http://127.0.0.1:9091")
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("speaks Milvus' RESTful API v2"), "\(result.errors)")
    }

    @Test func aServerThatGoesAwayIsWaitedForAndNothingIsLost() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("restarts_over_rest", People.schema)
        try prepare(
            place, "restarts_over_rest", records: 0..<40_000, run: "{lanes: 1, batch: {rows: 20}}")
        let gateway = TestServer.restGateway(port: port, to: try TestEnvironment.lite())
        let (binary, job, port) = (try TestEnvironment.binary(), place.path("job.yaml"), "\(port)")
        let result = try await withThrowingTaskGroup(of: CommandResult.self) { group in
            group.addTask {
                _ = try await Command.output(of: TestFolders.server("wait-for-port.sh"), [port, "60"])
                return try await Command.run(binary, ["run", job])
            }
            for _ in 0..<4 { try await gateway.run { try await Task.sleep(for: .seconds(1)) } }
            return try await gateway.run { try await group.next() }
        }
        let ended = try #require(result)
        #expect(ended.exitCode == 0, "\(ended.errors)")
        #expect(ended.errors.contains("store.retry"), "\(ended.errors)")
        #expect(try await oracle.count(of: "restarts_over_rest") == 40_000)
    }

    @Test func dynamicNumbersThatWouldChangeOnTheWayAreRejected() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.full())
        try await oracle.create(
            "numbers_over_rest",
            """
            {"dynamic": true, "fields": [{"name": "id", "type": "INT64", "is_primary": true},
            {"name": "j", "type": "JSON"}, {"name": "embedding", "type": "FLOAT_VECTOR", "dim": 2}]}
            """)
        let row = #""embedding":[1,2],"j":{"kept":12345678901234567890,"e":1e-5}"#
        try place.writeDump(
            [
                #"{"id":1,\#(row),"a":9223372036854775807,"b":1.5,"c":{"d":[9007199254740992,"x",null]}}"#,
                #"{"id":2,\#(row),"a":9223372036854775808}"#, #"{"id":3,\#(row),"a":1e-5}"#,
                #"{"id":4,\#(row),"a":{"b":9007199254740993}}"#, #"{"id":5,\#(row),"a":null}"#,
            ], to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: try MilvusTarget.fullOverREST.uri(), collection: "numbers_over_rest",
            record: "{onReject: {policy: file}}", target: ", protocol: rest")
        let result = try await place.backfill()
        #expect(result.exitCode == 3, "\(result.errors)")
        let rejects = try await place.rejects()
        for part in ["9223372036854775808", "1e-5", "9007199254740993", "null would get lost"] {
            #expect(rejects.contains(part), "\(rejects)")
        }
        let rows = try await oracle.rows(of: "numbers_over_rest")
        #expect(rows.keys.sorted() == ["1"])
        #expect(rows["1"]?["a"] as? Int == Int.max && rows["1"]?["b"] as? Double == 1.5, "\(rows)")
        #expect((rows["1"]?["j"] as? NSDictionary)?["e"] as? Double == 1e-5)
    }
}
