import Foundation
import Testing

/// What is found out before anything is written, all in one report.
@Suite(.serialized) struct PlanFindingTests {
    private func prepare(
        _ place: borrowing Workplace, _ target: MilvusTarget, _ schema: String, _ records: [String],
        record: String = "{}", more: String = ""
    ) async throws -> String {
        let name = place.newCollection
        try await target.oracle().create(name, schema)
        try place.writeDump(records, to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: try target.uri(), collection: name, record: record,
            target: target.keys + more)
        return name
    }

    @Test(arguments: MilvusTarget.allCases)
    func everythingThatDoesNotFitIsInOneReport(target: MilvusTarget) async throws {
        let place = try Workplace()
        let name = try await prepare(
            place, target,
            """
            {"autoID": true, "fields": [{"name": "id", "type": "INT64", "is_primary": true},
            {"name": "title", "type": "VARCHAR", "max_length": 20}, {"name": "size", "type": "INT64"},
            {"name": "embedding", "type": "FLOAT_VECTOR", "dim": 4}]}
            """,
            [
                #"{"size":"large","embedding":[1,2,3],"colour":"red"}"#,
                #"{"size":"small","embedding":[4,5,6],"shape":1}"#,
            ],
            record: "{fields: {titel: name}}", more: ", partition: nowhere")
        for command in ["plan", "run"] {
            let result = try await place.backfill(command)
            #expect(result.exitCode == 1)
            for finding in [
                "autoID", "record.fields maps `titel`", "`colour`, `shape`", "it has no partition `nowhere`",
                "field `embedding`: no value fits in the first 2 records of \(place.path("dump.jsonl.zst")): the vector has "
                    + "3 elements, the field holds 4",
                "field `title`: no value fits", "the record has no value for it",
                "field `size`: no value fits", "a number is expected, found text",
            ] {
                #expect(result.errors.contains(finding), "\(finding) is not in \(result.errors)")
            }
            #expect(result.errors.contains("cannot be written into collection `\(name)`"))
        }
        #expect(!FileManager.default.fileExists(atPath: place.path("job.checkpoint.json")))
    }

    @Test func someBadRecordsAreAWarningAndMaybeRejects() async throws {
        let place = try Workplace()
        let records = [People.record(1), #"{"id":2,"name":"b","embedding":[1]}"#, People.record(3)]
        _ = try await prepare(place, .liteOverGRPC, People.schema, records, record: "{onReject: {policy: file}}")
        let plan = try await place.backfill("plan")
        #expect(plan.exitCode == 0)
        #expect(plan.output.contains("field `embedding`: 1 of the first 3 records"), "\(plan.output)")
        let run = try await place.backfill()
        #expect(run.exitCode == 3)
        #expect(run.errors.contains("plan.warning"), "\(run.errors)")
    }

    @Test func aFewRecordsThatAllFailAreRejectsWhereTheJobKeepsThem() async throws {
        let place = try Workplace()
        _ = try await prepare(
            place, .liteOverGRPC, People.schema, [#"{"id":2,"name":"b","embedding":[1]}"#],
            record: "{onReject: {policy: file}}")
        #expect(try await place.backfill().exitCode == 3, "one record says nothing of the job")
        let other = try Workplace()
        _ = try await prepare(
            other, .liteOverGRPC, People.schema, (0..<10).map { #"{"id":\#($0),"name":"b","embedding":[1]}"# },
            record: "{onReject: {policy: file}}")
        #expect(try await other.backfill().exitCode == 1, "ten of ten do")
    }

    @Test func fieldsThatNoRecordHasAreNamedSinceAnUpsertReplacesTheRow() async throws {
        let place = try Workplace()
        _ = try await prepare(
            place, .liteOverGRPC,
            """
            {"fields": [{"name": "id", "type": "INT64", "is_primary": true},
            {"name": "note", "type": "VARCHAR", "max_length": 20, "nullable": true},
            {"name": "size", "type": "INT64", "default_value": 42},
            {"name": "embedding", "type": "FLOAT_VECTOR", "dim": 2}]}
            """, [#"{"id":1,"embedding":[1,2]}"#, #"{"id":2,"embedding":[1,2],"note":null}"#])
        let plan = try await place.backfill("plan", ["--json"])
        #expect(plan.exitCode == 0, "\(plan.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? NSDictionary)
        let warnings = try #require(report["warnings"] as? [String])
        #expect(warnings.count == 2)
        #expect(warnings.contains { $0.contains("field `note`") && $0.hasSuffix("it becomes null") }, "\(warnings)")
        #expect(warnings.contains { $0.contains("field `size`") && $0.hasSuffix("the default 42") }, "\(warnings)")
    }

    @Test(arguments: MilvusTarget.allCases)
    func aCollectionThatIsNotLoadedIsFilledAndNamed(target: MilvusTarget) async throws {
        let place = try Workplace()
        let name = try await prepare(place, target, People.schema, People.records(0..<5))
        try await target.oracle().release(name)
        let plan = try await place.backfill("plan")
        #expect(plan.exitCode == 0, "\(plan.errors)")
        #expect(plan.output.contains("collection `\(name)` is not loaded"), "\(plan.output)")
        let run = try await place.backfill()
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("is not loaded"), "\(run.errors)")
        #expect(try await target.oracle().count(of: name) == 5)
    }
}
