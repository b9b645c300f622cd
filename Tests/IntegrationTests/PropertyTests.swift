import Foundation
import Testing

/// Random schemas over all types and random records with edge values, loaded by the program, read back through pymilvus
/// and compared bit by bit: with a model, and with the same records written by pymilvus.
@Suite(.serialized) struct PropertyTests {
    /// `PROPERTY_SEEDS=17,23` repeats what has failed.
    private static let seeds: [Int] = {
        let chosen = ProcessInfo.processInfo.environment["PROPERTY_SEEDS"] ?? ""
        return chosen.isEmpty ? Array(1...8) : chosen.split(separator: ",").compactMap { Int($0) }
    }()

    private func script(_ arguments: String...) async throws -> CommandResult {
        try await Command.run(TestEnvironment.python(), [TestFolders.script("property/property.py")] + arguments)
    }

    /// Makes the collection and its twin and writes the dump; returns once the program has loaded it.
    private func load(
        _ place: borrowing Workplace, server: String, oracle: String, uri: String, isREST: Bool, _ collection: String,
        seed: Int
    ) async throws {
        let dump = place.path("dump.jsonl")
        let made = try await script(oracle, "make", "\(seed)", server, isREST ? "rest" : "grpc", collection, dump)
        try #require(made.exitCode == 0, "seed \(seed): \(made.errors)")
        try place.writeJob(
            paths: ["dump.jsonl"], uri: uri, collection: collection, target: isREST ? ", protocol: rest" : "")
        let run = try await place.backfill()
        #expect(run.exitCode == 0, "seed \(seed): \(run.errors)")
    }

    @Test(arguments: MilvusTarget.allCases, seeds)
    func everyRowIsWhatItsRecordSays(target: MilvusTarget, seed: Int) async throws {
        let place = try Workplace()
        let (server, wire) = (target.isLite ? "lite" : "full", target.isREST ? "rest" : "grpc")
        let oracle = try target.oracle().uri
        try await load(
            place, server: server, oracle: oracle, uri: target.uri(), isREST: target.isREST, "property", seed: seed)
        let compared = try await script(oracle, "compare", "\(seed)", server, wire, "property")
        #expect(compared.exitCode == 0, "\(compared.output)\(compared.errors)")

        let verified = try await place.backfill("verify", ["--full"])
        #expect(verified.exitCode == 0, "seed \(seed): \(verified.output)\(verified.errors)")
        guard seed == Self.seeds.first, !target.isREST else { return }
        let damaged = try await script(oracle, "write", "\(seed)", server, wire, "property", "damaged")
        try #require(damaged.exitCode == 0, "seed \(seed): \(damaged.errors)")
        let (code, found) = try await place.verify(["--full"])
        #expect(code == 4 && found["stale"] as? Int == 1, "seed \(seed): \(damaged.output)\(found)")
        #expect(found["missing"] as? Int == 0 && found["unexpected"] as? Int == 0, "seed \(seed): \(found)")
    }

    /// No server here holds these types, so that the requests themselves are taken apart.
    @Test(arguments: seeds)
    func requestsOfTypesThatNoServerHereHoldsAreRight(seed: Int) async throws {
        let place = try Workplace()
        let recorder = TestServer.recorder(port: 28091, seed: seed, output: place.path("rows.json"))
        try await recorder.run {
            try await load(
                place, server: "recorder", oracle: "none", uri: "http://\(recorder.address)", isREST: false,
                "property", seed: seed)
        }
        let compared = try await script(
            place.path("rows.json"), "compare", "\(seed)", "recorder", "grpc", "property")
        #expect(compared.exitCode == 0, "\(compared.output)\(compared.errors)")
    }
}
