import Foundation
import Testing

/// Records that cannot be written, and how the two policies treat them.
@Suite(.serialized) struct RejectTests {
    private let collection = "rejects"

    /// Each kind of bad record, with words that its reason has to hold.
    static let badRecords: [(line: String, reason: String)] = [
        (#"{"id":1,"name":"x","embedding":[1,2]"#, "not valid JSON"),
        (#"[1,2]"#, "not an object"),
        (#"{"id":1.5,"name":"x","embedding":[1,2]}"#, "field `id`: 1.5 is not a whole number"),
        (#"{"id":9223372036854775808,"name":"x","embedding":[1,2]}"#, "outside of"),
        (#"{"id":"7","name":"x","embedding":[1,2]}"#, "a number is expected, found text"),
        (#"{"id":1,"name":"x","embedding":[1,2,3]}"#, "the vector has 3 elements, the field holds 2"),
        (#"{"id":1,"name":"x","embedding":[1,1e39]}"#, "does not fit a Float"),
        (#"{"id":1,"name":"x","embedding":"AAAA"}"#, "base64"),
        (#"{"id":1,"name":"ééééééééééé","embedding":[1,2]}"#, "the text has 22 bytes of UTF-8, the field holds 20"),
        (#"{"id":1,"name":null,"embedding":[1,2]}"#, "null"),
        (#"{"name":"x","embedding":[1,2]}"#, "field `id`: the record has no value for it"),
        (#"{"id":1,"id":2,"name":"x","embedding":[1,2]}"#, "two values"),
        (#"{"id":1,"name":"\ud800","embedding":[1,2]}"#, "surrogate"),
        (#"{"id":1,"name":"x","embedding":[1,2]} trailing"#, "after the end"),
    ]

    private func prepared(_ place: borrowing Workplace, _ lines: [String], record: String) async throws -> Oracle {
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(collection, People.schema)
        try place.writeJob(paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection, record: record)
        try place.writeDump(lines, to: "dump.jsonl.zst", linesPerFrame: 7)
        return oracle
    }

    @Test func everyBadRecordIsKeptAndEveryGoodOneLoaded() async throws {
        let place = try Workplace()
        var lines: [String] = []
        for (index, bad) in Self.badRecords.enumerated() { lines += [People.record(100 + index), bad.line] }
        let oracle = try await prepared(place, lines, record: "{onReject: {policy: file, path: rejects.jsonl.zst}}")
        let (code, report) = try await place.report()
        #expect(code == 3)
        #expect(report["rowsRejected"] as? Int == Self.badRecords.count)
        #expect(report["rowsUpserted"] as? Int == Self.badRecords.count)
        #expect(Set(try await oracle.rows(of: collection).keys) == Set(Self.badRecords.indices.map { "\(100 + $0)" }))

        let text = try await Command.run("/usr/bin/env", ["zstd", "-dc", place.path("rejects.jsonl.zst")]).output
        let rejects = try jsonLines(text)
        try #require(rejects.count == Self.badRecords.count)
        for (index, (reject, bad)) in zip(rejects, Self.badRecords).enumerated() {
            let error = try #require(reject["error"] as? NSDictionary)
            let reason = try #require(error["reason"] as? String)
            #expect(reason.contains(bad.reason), "\(reason)")
            #expect(reject["payload"] as? String == bad.line)
            #expect(reject["offset"] as? Int == 2 * index + 2, "the line's number")
            #expect(reject["topic"] as? String == "dump.jsonl.zst")
        }
        // Again: complete, and the rejects are still said.
        let again = try await place.backfill()
        #expect(again.exitCode == 3)
        #expect(again.output.contains("complete already"), "\(again.output)")
        #expect(again.output.contains("\(Self.badRecords.count) records stand in the reject file"), "\(again.output)")
    }

    @Test func theRejectFileIsADumpThatCanBeMendedAndRun() async throws {
        let place = try Workplace()
        let oracle = try await prepared(
            place, [People.record(1), #"{"id":2,"name":"a name that is far too long","embedding":[1,2]}"#],
            record: "{onReject: {policy: file, path: rejects.jsonl.zst}}")
        #expect(try await place.backfill().exitCode == 3)
        let text = try await Command.run("/usr/bin/env", ["zstd", "-dc", place.path("rejects.jsonl.zst")]).output
        try place.write(text.replacing("a name that is far too long", with: "a short name"), to: "mended.jsonl")
        try place.writeJob(
            paths: ["mended.jsonl"], uri: oracle.uri, collection: collection, run: "{checkpoint: mended.json}")
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try await oracle.rows(of: collection)["2"]?["name"] as? String == "a short name")
    }

    @Test func theFirstBadRecordStopsTheRunByDefault() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, People.records(0..<7) + ["{}"] + People.records(8..<20), record: "{}")
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("dump.jsonl.zst:8: "), "\(result.errors)")
        #expect(result.errors.contains("record.onReject"), "\(result.errors)")
        // Mended, the job goes on; the file is another one then, so it begins anew.
        try place.writeDump(People.records(0..<20), to: "dump.jsonl.zst", linesPerFrame: 7)
        let changed = try await place.backfill()
        #expect(changed.exitCode == 12, "\(changed.errors)")
        #expect(changed.errors.contains("--restart"), "\(changed.errors)")
        #expect(try await place.backfill("run", ["--restart"]).exitCode == 0)
        #expect(try await oracle.count(of: collection) == 20)
    }

    @Test func tooManyRejectsStopTheRun() async throws {
        let place = try Workplace()
        _ = try await prepared(
            place, [People.record(1)] + [String](repeating: "{}", count: 30),
            record: "{onReject: {policy: file, path: rejects.jsonl.zst, max: 10}}")
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("more than 10 records"), "\(result.errors)")
        #expect(result.errors.contains("rejects.jsonl.zst"), "\(result.errors)")
    }

    @Test func anUnknownMemberIsAnErrorBeforeAnythingIsWritten() async throws {
        let place = try Workplace()
        let line = #"{"id":1,"name":"x","embedding":[1,2],"colour":"red","weight":3}"#
        let oracle = try await prepared(place, [People.record(0), line], record: "{}")
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("`colour`, `weight`"), "\(result.errors)")
        #expect(result.errors.contains("record.drop"), "\(result.errors)")
        #expect(try await oracle.count(of: collection) == 0)
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection, record: "{drop: [colour, weight]}")
        #expect(try await place.backfill().exitCode == 0)
        #expect(try await oracle.count(of: collection) == 2)
    }

    @Test func aTombstoneIsDeletedSkippedOrRejectedAsTheJobSays() async throws {
        for (policy, count, code) in [("delete", 1, 0), ("skip", 2, 0), ("reject", 2, 3)] as [(String, Int, Int32)] {
            let place = try Workplace()
            let messages = (1...2).map {
                #"{"topic":"t","partition":0,"offset":\#($0),"ts":1,"key":"\#($0)","payload":\#(People.record($0))}"#
            }
            let tombstone = #"{"topic":"t","partition":0,"offset":3,"ts":1,"key":"1","payload":null}"#
            let oracle = try await prepared(
                place, messages + [tombstone],
                record: "{tombstones: \(policy), onReject: {policy: file, path: rejects.jsonl.zst}}")
            let result = try await place.backfill()
            #expect(result.exitCode == code, "\(policy): \(result.errors)")
            #expect(try await oracle.count(of: collection) == count, "\(policy)")
        }
    }
}
