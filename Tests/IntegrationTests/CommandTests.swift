import Foundation
import Testing

/// The commands' outputs and exit codes.
@Suite(.serialized) struct CommandTests {
    private let collection = "commands"

    private func prepared(_ place: borrowing Workplace) async throws -> Oracle {
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(collection, People.schema)
        let deletes = ["{\"topic\":\"t\",\"partition\":0,\"offset\":9,\"key\":\"3\",\"payload\":null}"]
        let messages = (People.records(0..<20) + People.records(5..<8)).map {
            "{\"topic\":\"t\",\"partition\":0,\"offset\":1,\"key\":null,\"payload\":\($0)}"
        }
        try place.writeDump(messages + deletes, to: "dump.jsonl.zst")
        try place.writeJob(paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection)
        return oracle
    }

    @Test func theReportCountsEveryRecord() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        let (code, report) = try await place.report()
        #expect(code == 0)
        let expected = [
            "rowsRead": 24, "rowsUpserted": 19, "rowsDeleted": 1, "rowsSuperseded": 4, "rowsRejected": 0, "retries": 0,
        ]
        for (name, value) in expected { #expect(report[name] as? Int == value, "\(name) in \(report)") }
        for name in ["bytesRead", "requests", "seconds", "rowsPerSecond", "cpuSeconds", "peakRSSBytes"] {
            #expect((report[name] as? Double ?? 0) > 0, "\(name) in \(report)")
        }
        for name in ["startedAt", "finishedAt", "outcome"] { #expect(report[name] is String, "\(name)") }
        let unit = try #require((report["units"] as? [NSDictionary])?.first)
        for name in ["source", "start", "end", "position", "rows"] { #expect(unit[name] != nil, "\(name)") }
        #expect(try await oracle.count(of: collection) == 19)
    }

    @Test func aPlanSaysWhereEveryFieldComesFromAndWritesNothing() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        let text = try await place.backfill("plan")
        #expect(text.exitCode == 0, "\(text.errors)")
        #expect(text.output.contains("embedding FloatVector(2) <- embedding"), "\(text.output)")
        #expect(text.output.contains("envelope kcat"), "\(text.output)")
        let json = try await place.backfill("plan", ["--json"])
        let plan = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? NSDictionary)
        #expect((plan["fields"] as? [String])?.count == 3)
        #expect(try await oracle.count(of: collection) == 0)
        #expect(!FileManager.default.fileExists(atPath: place.path("job.checkpoint.json")))
    }

    @Test func aDryRunReadsEverythingAndWritesNothing() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        let (code, report) = try await place.report(["--dry-run"])
        #expect(code == 0)
        #expect(report["rowsRead"] as? Int == 24)
        #expect(report["outcome"] as? String == "dryRun")
        #expect(try await oracle.count(of: collection) == 0)
        #expect(!FileManager.default.fileExists(atPath: place.path("job.checkpoint.json")))
    }

    @Test func eventsAreOneJSONObjectALine() async throws {
        let place = try Workplace()
        _ = try await prepared(place)
        let result = try await place.backfill("run", ["--log-format", "json", "--json"])
        #expect(result.exitCode == 0, "\(result.errors)")
        let lines = try jsonLines(result.errors)
        let events = lines.map { $0["event"] as? String }
        #expect(events.first == "run.start" && events.last == "run.end", "\(result.errors)")
        let progress = try #require(lines.first { $0["event"] as? String == "run.progress" })
        #expect(progress["percent"] as? Double == 100 && progress["rows"] as? Int == 24, "\(progress)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? NSDictionary)
        #expect(report["outcome"] as? String == "done")
    }

    @Test func theStatusOfANewJobIsNew() async throws {
        let place = try Workplace()
        _ = try await prepared(place)
        #expect(try await place.backfill("status").output.contains("has not run yet"))
        #expect(try await place.backfill("status", ["--json"]).output.contains(#""new""#))
    }

    @Test func mistakesHaveTheirOwnExitCodes() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        let binary = try TestEnvironment.binary()
        #expect(try await Command.run(binary, ["run"]).exitCode == 64)
        #expect(try await Command.run(binary, ["run", "--frobnicate"]).exitCode == 64)
        let missing = try await Command.run(binary, ["run", place.path("no.yaml")])
        #expect(missing.exitCode == 65)
        let override = try await place.backfill("run", ["--set", "run.lanes=many"])
        #expect(override.exitCode == 65)
        #expect(override.errors.contains("run.lanes"), "\(override.errors)")

        try place.writeJob(paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: "nowhere")
        let collection = try await place.backfill()
        #expect(collection.exitCode == 1)
        #expect(collection.errors.contains("`nowhere` does not exist"), "\(collection.errors)")
        #expect(collection.errors.contains("target.milvus.create"), "\(collection.errors)")

        try place.writeJob(paths: ["dump.jsonl.zst"], uri: "http://127.0.0.1:9", collection: "nowhere")
        let unreachable = try await place.backfill()
        #expect(unreachable.exitCode == 75)
        #expect(unreachable.errors.contains("no Milvus answers at 127.0.0.1:9"), "\(unreachable.errors)")
    }

    @Test func aCollectionWhoseServerMakesTheKeysIsRefused() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        try await oracle.create(
            "automatic",
            """
            {"autoID": true, "fields": [{"name": "id", "type": "INT64", "is_primary": true},
            {"name": "name", "type": "VARCHAR", "max_length": 20},
            {"name": "embedding", "type": "FLOAT_VECTOR", "dim": 2}]}
            """)
        try place.writeJob(paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: "automatic")
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("autoID"), "\(result.errors)")
        #expect(try await oracle.count(of: "automatic") == 0)
    }

    @Test func everyTextIsRedactedOfSecrets() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection,
            target: ", token: \"${BACKFILL_TEST_TOKEN}\"")
        let result = try await place.backfill(
            "run", ["--report-json", place.path("report.json"), "--log-format", "json"],
            environment: ["BACKFILL_TEST_TOKEN": "root:very-secret-1234"])
        #expect(result.exitCode == 0, "\(result.errors)")
        for file in try FileManager.default.contentsOfDirectory(atPath: place.folder.path) {
            let text = String(decoding: try Data(contentsOf: place.folder.appending(path: file)), as: UTF8.self)
            #expect(!text.contains("very-secret"), "\(file)")
        }
        #expect(!(result.output + result.errors).contains("very-secret"))
    }
}
