import Foundation
import Testing

/// Nothing that is secret, and no payload, in anything that a run leaves behind; nothing of its input is ever executed.
@Suite(.serialized) struct SecrecyTests {
    private static let secrets = ["token-s3cret", "sasl-s3cret", "payload-s3cret"]

    /// Everything that a person, a log collector or another user of the machine could see of a run.
    private func outputs(_ place: borrowing Workplace, _ result: CommandResult) throws -> [String: String] {
        var outputs = ["standard output": result.output, "standard error": result.errors]
        for file in try FileManager.default.contentsOfDirectory(atPath: place.folder.path)
        where !["job.yaml", "dump.jsonl"].contains(file) {
            outputs[file] = String(decoding: try Data(contentsOf: place.folder.appending(path: file)), as: UTF8.self)
        }
        return outputs
    }

    private func expectNoSecrets(_ outputs: [String: String]) {
        for (name, text) in outputs {
            for secret in Self.secrets { #expect(!text.contains(secret), "\(secret) in \(name): \(text.suffix(500))") }
            // Tokens travel in base64.
            let encoded = Data("root:token-s3cret".utf8).base64EncodedString()
            #expect(!text.contains(encoded), "\(name)")
        }
    }

    /// Answers that end a run, that are retried, and that cut a batch down.
    @Test(arguments: [("rpc:UNAUTHENTICATED", 1), ("code:65535", -1), ("code:9", -1), ("code:1100", -1)])
    func aFailingRunAtDebugLevelShowsNone(fault: (String, Int)) async throws {
        let place = try Workplace()
        let lite = try TestEnvironment.lite()
        try await Oracle(uri: lite).create("secrecy", People.schema)
        let records = (0..<50).map { People.record($0, name: "payload-s3cret") }
        try place.write(records.joined(separator: "\n"), to: "dump.jsonl")
        try place.writeJob(
            paths: ["dump.jsonl"], uri: "http://127.0.0.1:28097", collection: "secrecy",
            run: "{unavailableTimeout: 2s, quotaTimeout: 1s}", target: ", token: \"${BACKFILL_TEST_TOKEN}\"")
        let server = TestServer.faultInjector(port: 28097, to: lite, faults: [fault.0], times: fault.1)
        let result = try await server.run {
            try await place.backfill(
                "run", ["--log-level", "debug", "--report-json", place.path("report.json"), "--json"],
                environment: ["BACKFILL_TEST_TOKEN": "root:token-s3cret"])
        }
        #expect([1, 75].contains(result.exitCode), "\(result.errors)")
        expectNoSecrets(try outputs(place, result))
    }

    @Test func aBrokerThatRefusesShowsNone() async throws {
        let place = try Workplace()
        try place.writeTopicJob(
            ranges: ["{topic: t, start: earliest, end: latest}"], uri: try TestEnvironment.lite(),
            collection: "secrecy", target: ", token: \"${BACKFILL_TEST_TOKEN}\"",
            properties: """
                , security.protocol: SASL_PLAINTEXT, sasl.mechanisms: PLAIN, sasl.username: me, \
                sasl.password: "${BACKFILL_TEST_PASSWORD}", debug: all
                """)
        let result = try await place.backfill(
            "run", ["--log-level", "debug"],
            environment: ["BACKFILL_TEST_TOKEN": "root:token-s3cret", "BACKFILL_TEST_PASSWORD": "sasl-s3cret"])
        #expect([1, 65, 75].contains(result.exitCode), "\(result.errors.suffix(2000))")
        expectNoSecrets(try outputs(place, result))
    }

    @Test func whateverARunMakesCanBeReadByItsOwnerAlone() async throws {
        let place = try Workplace()
        let lite = try TestEnvironment.lite()
        try await Oracle(uri: lite).create("secrecy", People.schema)
        try place.write([People.record(1), "no JSON"].joined(separator: "\n"), to: "dump.jsonl")
        try place.writeJob(
            paths: ["dump.jsonl"], uri: lite, collection: "secrecy", record: "{onReject: {policy: file}}")
        let before = Set(try FileManager.default.contentsOfDirectory(atPath: place.folder.path))
        let (code, _) = try await place.report()
        #expect(code == 3)
        let made = Set(try FileManager.default.contentsOfDirectory(atPath: place.folder.path)).subtracting(before)
        #expect(
            made == [
                "job.checkpoint.json", "job.checkpoint.json.history", "job.checkpoint.json.lock",
                "job.rejects.jsonl.zst", "report.json",
            ])
        for file in made {
            let mode = try FileManager.default.attributesOfItem(atPath: place.path(file))[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(file): \(String(mode ?? 0, radix: 8))")
        }
    }

    @Test func namesAndValuesAreNeverCommandsNorPaths() async throws {
        let place = try Workplace()
        let lite = try TestEnvironment.lite()
        try await Oracle(uri: lite).create("secrecy", People.schema)
        let names = ["$(touch pwned)", ";touch pwned;", "`touch pwned`", "../../pwned", "|touch pwned"]
        for (number, name) in names.enumerated() {
            try place.write(
                People.record(number, name: name), to: "\(number)\(name.replacing("/", with: "_")).jsonl")
        }
        try place.writeJob(paths: ["*.jsonl"], uri: lite, collection: "secrecy")
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        let rows = try await Oracle(uri: lite).rows(of: "secrecy")
        #expect(Set(rows.values.compactMap { $0["name"] as? String }) == Set(names))
        for folder in [place.folder.path, FileManager.default.currentDirectoryPath] {
            #expect(!FileManager.default.fileExists(atPath: folder + "/pwned"))
        }
    }
}
