import Foundation
import Testing

/// `init`: the file that it writes is a job that runs as it is.
@Suite(.serialized) struct InitTests {
    private let collection = "begun"

    private func backfill(
        _ place: borrowing Workplace, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> CommandResult {
        try await Command.run(
            TestEnvironment.binary(),
            ["init", "--collection", collection, "--output", place.path("job.yaml")] + arguments,
            environment: environment)
    }

    private func expectPlansAndRuns(
        _ place: borrowing Workplace, _ oracle: Oracle, environment: [String: String] = [:]
    ) async throws {
        let plan = try await place.backfill("plan", environment: environment)
        #expect(plan.exitCode == 0, "\(plan.errors)")
        let run = try await place.backfill("run", environment: environment)
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(try await oracle.count(of: collection) == 20)
    }

    @Test(arguments: [TestEnvironment.lite, TestEnvironment.full])
    func aDumpIsLoadedByTheFileAsItIs(server: @Sendable () throws -> String) async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try server())
        try await oracle.create(collection, People.schema)
        try place.writeDump(People.records(0..<20), to: "dump.jsonl.zst")
        let token = ["MILVUS_TOKEN": "root:init-s3cret"]
        let result = try await backfill(
            place, ["--uri", oracle.uri, "--dump", place.path("*.zst")], environment: token)
        #expect(result.exitCode == 0, "\(result.errors)")
        let text = try String(contentsOf: place.folder.appending(path: "job.yaml"), encoding: .utf8)
        #expect(text.contains("token: ${MILVUS_TOKEN}") && !text.contains("s3cret"), "\(text)")
        #expect(text.contains("#   embedding  FloatVector(2)\n"), "\(text)")
        #expect(text.contains("#   id         Int64           the primary key\n"), "\(text)")
        let mode = try FileManager.default.attributesOfItem(atPath: place.path("job.yaml"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try await expectPlansAndRuns(place, oracle, environment: token)

        // What a person has made of the file stays.
        let again = try await backfill(place, ["--uri", oracle.uri, "--dump", "other"])
        #expect(again.exitCode == 64 && again.errors.contains("is there already"), "\(again.errors)")
        #expect(try String(contentsOf: place.folder.appending(path: "job.yaml"), encoding: .utf8) == text)
    }

    @Test func aTopicIsLoadedByTheFileAsItIs() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(collection, People.schema)
        let topics = try Topics.shared()
        try await topics.create(collection)
        try await topics.produce(
            (0..<20).map { TopicMessage(key: "\($0)", value: People.record($0)) }, to: collection)
        let result = try await backfill(
            place, ["--uri", oracle.uri, "--topic", collection, "--bootstrap-servers", topics.bootstrap])
        #expect(result.exitCode == 0, "\(result.errors)")
        try await expectPlansAndRuns(place, oracle)
    }

    @Test func whatCannotBeMeantWritesNoFile() async throws {
        let place = try Workplace()
        let lite = try TestEnvironment.lite()
        for (arguments, code, words) in [
            (["--uri", lite], 64, "either --dump"), (["--uri", lite, "--topic", "t"], 64, "--bootstrap-servers"),
            (["--uri", "ftp://h", "--dump", "d"], 65, "`target.milvus.uri` must be"),
            (["--uri", place.path("none.db"), "--dump", "d"], 64, "no data of a Milvus Lite"),
        ] as [([String], Int32, String)] {
            let result = try await backfill(place, arguments)
            #expect(result.exitCode == code && result.errors.contains(words), "\(result.errors)")
        }
        let missing = try await Command.run(
            TestEnvironment.binary(),
            ["init", "--uri", lite, "--collection", "nowhere", "--dump", "d", "--output", place.path("job.yaml")])
        #expect(missing.exitCode == 1 && missing.errors.contains("`nowhere` does not exist"), "\(missing.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder.path).isEmpty)
    }
}
