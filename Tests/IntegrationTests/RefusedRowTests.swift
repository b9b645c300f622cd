import Foundation
import Testing

/// Rows that fit the schema and are refused by the server all the same: on Milvus Lite a polygon that crosses itself.
@Suite(.serialized) struct RefusedRowTests {
    private static let schema = """
        {"fields": [{"name": "id", "type": "INT64", "is_primary": true}, {"name": "area", "type": "GEOMETRY"},
        {"name": "embedding", "type": "FLOAT_VECTOR", "dim": 2}]}
        """
    private static let count = 500
    /// Spread over batches and lanes, two of them side by side.
    private static let bad: Set<Int> = [3, 77, 78, 250, 499]

    private static func record(_ id: Int, isBad: Bool = false) -> String {
        let area = isBad ? "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))" : "POINT (\(id) 1)"
        return #"{"id":\#(id),"area":"\#(area)","embedding":[\#(id).5,-1]}"#
    }

    private static var records: [String] { (0..<count).map { record($0, isBad: bad.contains($0)) } }

    private func places(_ text: String) throws -> [Int] {
        try jsonLines(text).map { line in
            let error = try #require(line["error"] as? NSDictionary)
            #expect((error["reason"] as? String)?.contains("the server refuses the row") == true, "\(line)")
            return try #require(line["offset"] as? Int)
        }
    }

    private func expectTheGoodRows(_ oracle: Oracle, _ collection: String) async throws {
        let rows = try await oracle.rows(of: collection)
        #expect(Set(rows.keys) == Set((0..<Self.count).filter { !Self.bad.contains($0) }.map(String.init)))
    }

    @Test func theBadRowsOfADumpAreRejectedWithTheirTextAndAllOthersWritten() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("refused_dump", Self.schema)
        try place.writeDump(Self.records, to: "dump.jsonl.zst", linesPerFrame: 60)
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: "refused_dump",
            record: "{onReject: {policy: file}}", run: "{lanes: 3, batch: {rows: 50}}")
        let (code, report) = try await place.report()
        #expect(code == 3, "\(report["error"] ?? "")")
        #expect(report["rowsRejected"] as? Int == Self.bad.count && report["rejectedInAll"] as? Int == Self.bad.count)
        #expect(report["rowsUpserted"] as? Int == Self.count - Self.bad.count, "\(report)")
        let rejects = try await place.rejects()
        #expect(Set(try places(rejects)) == Set(Self.bad.map { $0 + 1 }))
        for line in try jsonLines(rejects) {
            let id = try #require(line["offset"] as? Int) - 1
            #expect(line["payload"] as? String == Self.record(id, isBad: true))
        }
        try await expectTheGoodRows(oracle, "refused_dump")
        #expect(try await place.report().report["outcome"] as? String == "alreadyDone")
    }

    @Test func theBadRowsOfATopicAreRejectedWithTheirPlaceAndKey() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("refused_topic", Self.schema)
        let topics = try Topics.shared()
        try await topics.create("refused_topic", partitions: 2)
        let sent = try await topics.produce(
            Self.records.enumerated().map { id, value in
                TopicMessage(partition: id % 2, key: "\(id)", value: value, headers: [["origin", "test"]])
            }, to: "refused_topic")
        try place.writeTopicJob(
            ranges: ["{topic: refused_topic, start: earliest, end: latest}"], uri: oracle.uri,
            collection: "refused_topic", record: "{onReject: {policy: file}}", run: "{lanes: 3, batch: {rows: 50}}")
        let (code, report) = try await place.report()
        #expect(code == 3, "\(report["error"] ?? "")")
        let rejects = try jsonLines(try await place.rejects())
        #expect(Set(try Topics.places(in: try await place.rejects())) == Set(Self.bad.map { sent[$0] }))
        for line in rejects {
            let id = try #require(Int(line["key"] as? String ?? ""))
            #expect(line["payload"] as? String == Self.record(id, isBad: true))
        }
        try await expectTheGoodRows(oracle, "refused_topic")
    }

    @Test func underThePolicyFailTheFirstOneStopsTheRunWithItsPlace() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("refused_fail", Self.schema)
        try place.writeDump(Self.records, to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: "refused_fail",
            run: "{lanes: 1, batch: {rows: 50}}")
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("dump.jsonl.zst:4: the record cannot be written"), "\(result.errors)")
        #expect(result.errors.contains("record.onReject"), "\(result.errors)")
        let mended = try await place.backfill("run", ["--set", "record.onReject.policy=file"])
        #expect(mended.exitCode == 3, "\(mended.errors)")
        try await expectTheGoodRows(oracle, "refused_fail")
    }

    /// In a dynamic collection of Milvus Lite a row is deleted before the one that takes its place is written.
    @Test func aRefusedRowNeverCostsTheOneThatItWasToReplace() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(
            "refused_dynamic", Self.schema.replacing("{\"fields\"", with: "{\"dynamic\": true, \"fields\""))
        let extra = Self.record(1).dropLast() + #","extra":7}"#
        try place.writeDump([String(extra), Self.record(1, isBad: true), Self.record(2)], to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: "refused_dynamic",
            record: "{onReject: {policy: file}}", run: "{batch: {rows: 1}}")
        let (code, report) = try await place.report()
        #expect(code == 3, "\(report["error"] ?? "")")
        let rows = try await oracle.rows(of: "refused_dynamic")
        #expect(Set(rows.keys) == ["1", "2"])
        #expect(rows["1"]?["extra"] as? Int == 7, "\(rows)")
    }

    /// A key's last record that can be written counts, also where a refused one stands behind it in the same batch.
    @Test func aRefusedRecordLeavesTheOneThatItWouldHaveReplaced() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("refused_replaced", Self.schema)
        try place.writeDump(
            [Self.record(1), Self.record(1, isBad: true), Self.record(2)], to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: "refused_replaced",
            record: "{onReject: {policy: file}}")
        let (code, report) = try await place.report()
        #expect(code == 3, "\(report["error"] ?? "")")
        #expect(report["rowsUpserted"] as? Int == 2 && report["rowsSuperseded"] as? Int == 0, "\(report)")
        #expect(Set(try await oracle.rows(of: "refused_replaced").keys) == ["1", "2"])
    }
}
