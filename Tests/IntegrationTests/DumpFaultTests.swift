import Foundation
import Testing

/// Damaged and unusual dumps: one clear sentence, everything before the fault loaded, nothing guessed.
@Suite(.serialized) struct DumpFaultTests {
    private let collection = "dump_faults"

    private func prepared(_ place: borrowing Workplace, paths: [String] = ["dump.jsonl.zst"]) async throws -> Oracle {
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(collection, People.schema)
        try place.writeJob(paths: paths, uri: oracle.uri, collection: collection)
        return oracle
    }

    @Test func aTruncatedDumpLoadsWhatStandsBeforeTheCut() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        try place.writeDump(People.records(0..<300), to: "dump.jsonl.zst", linesPerFrame: 100)
        let whole = try Data(contentsOf: place.folder.appending(path: "dump.jsonl.zst"))
        try whole.dropLast(20).write(to: place.folder.appending(path: "dump.jsonl.zst"))
        for _ in 0..<2 {
            let result = try await place.backfill()
            #expect(result.exitCode == 1)
            #expect(result.errors.contains("dump.jsonl.zst"), "\(result.errors)")
            #expect(result.errors.contains("frame 3"), "\(result.errors)")
            #expect(result.errors.contains("line 201"), "\(result.errors)")
            #expect(try await oracle.count(of: collection) == 200)
        }
        let status = try await place.backfill("status")
        #expect(status.output.contains("dump.jsonl.zst:201"), "\(status.output)")
        #expect(status.output.contains("last error"), "\(status.output)")
    }

    @Test func aCorruptFrameIsNamedAndNothingOfItIsLoaded() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        try place.writeDump(People.records(0..<300), to: "dump.jsonl.zst", linesPerFrame: 100)
        var bytes = try Data(contentsOf: place.folder.appending(path: "dump.jsonl.zst"))
        bytes[bytes.count / 2] ^= 0x40
        try bytes.write(to: place.folder.appending(path: "dump.jsonl.zst"))
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("frame 2") && result.errors.contains("line 101"), "\(result.errors)")
        #expect(try await oracle.count(of: collection) == 100)
    }

    @Test func unusualButGoodFilesAreReadWhole() async throws {
        let place = try Workplace()
        let oracle = try await prepared(
            place, paths: ["1-empty.jsonl", "2-*.jsonl", "3-blank.jsonl.zst", "4-none.jsonl.zst"])
        try place.write("", to: "1-empty.jsonl")
        try place.write(People.records(0..<10).joined(separator: "\r\n"), to: "2-windows.jsonl")
        try place.writeDump(
            ["", "  \t", People.record(10), "", "\r"] + People.records(11..<15), to: "3-blank.jsonl.zst",
            linesPerFrame: 2)
        try place.writeDump([""], to: "4-none.jsonl.zst")
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        let rows = try await oracle.rows(of: collection)
        #expect(Set(rows.keys) == Set((0..<15).map(String.init)))
        #expect(rows["9"]?["name"] as? String == "name 9")
    }

    @Test func aLineBeyondTheLimitIsRefusedByNumber() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, paths: ["dump.jsonl"])
        let long = #"{"id":2,"name":""# + String(repeating: "x", count: 65 << 20) + #"","embedding":[1,2]}"#
        try place.write(([People.record(1), long, People.record(3)]).joined(separator: "\n"), to: "dump.jsonl")
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(
            result.errors.contains("Line 2 of ") && result.errors.contains("longer than 67108864 bytes"),
            "\(result.errors)")
        #expect(try await oracle.count(of: collection) == 1)
    }

    @Test func aLaterFileWinsOverAnEarlierOne() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, paths: ["b.jsonl.zst", "a-*.jsonl.zst"])
        try place.writeDump([People.record(1, name: "first")], to: "b.jsonl.zst")
        try place.writeDump([People.record(1, name: "second")], to: "a-1.jsonl.zst")
        try place.writeDump([People.record(1, name: "third")], to: "a-2.jsonl.zst")
        #expect(try await place.backfill().exitCode == 0)
        #expect(try await oracle.rows(of: collection)["1"]?["name"] as? String == "third")
    }

    @Test func filesOfTheirOwnAreUnitsOfTheirOwn() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(collection, People.schema)
        try place.writeJob(paths: ["*.jsonl.zst"], uri: oracle.uri, collection: collection, dump: ", order: perFile")
        for file in 0..<5 {
            try place.writeDump(People.records((file * 100)..<(file * 100 + 100)), to: "\(file).jsonl.zst")
        }
        let (code, report) = try await place.report()
        #expect(code == 0)
        #expect((report["units"] as? [NSDictionary])?.count == 5)
        #expect(try await oracle.count(of: collection) == 500)
    }

    @Test func aMissingFileIsNamed() async throws {
        let place = try Workplace()
        _ = try await prepared(place, paths: ["nowhere-*.jsonl.zst"])
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("No file matches") && result.errors.contains("nowhere-*.jsonl.zst"))
    }
}
