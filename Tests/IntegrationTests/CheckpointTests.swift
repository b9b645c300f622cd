import Foundation
import Subprocess
import Testing

/// Checkpoints that do not belong to the job, and runs that overlap.
@Suite(.serialized) struct CheckpointTests {
    private let collection = "checkpoints"

    private func prepared(_ place: borrowing Workplace, uri: String? = nil) async throws -> Oracle {
        let oracle = Oracle(uri: try uri ?? TestEnvironment.lite())
        try await oracle.create(collection, People.schema)
        try place.writeDump(People.records(0..<50), to: "dump.jsonl.zst")
        try place.writeJob(paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection)
        #expect(try await place.backfill().exitCode == 0)
        return oracle
    }

    /// A job that has loaded most of its dump and stopped at a bad record.
    private func stoppedMidJob(_ place: borrowing Workplace, uri: String) async throws -> Oracle {
        let oracle = Oracle(uri: uri)
        try await oracle.create(collection, People.schema)
        try place.writeDump(People.records(0..<50) + ["{}"], to: "dump.jsonl.zst", linesPerFrame: 10)
        try place.writeJob(paths: ["dump.jsonl.zst"], uri: uri, collection: collection)
        #expect(try await place.backfill().exitCode == 1)
        return oracle
    }

    private func expectRefusal(_ place: borrowing Workplace, _ words: [String]) async throws {
        let result = try await place.backfill()
        #expect(result.exitCode == 12, "\(result.errors)")
        for word in words { #expect(result.errors.contains(word), "\(result.errors)") }
        #expect(result.errors.contains("--restart"), "\(result.errors)")
    }

    @Test func aDamagedCheckpointIsRefusedAndRestartKeepsIt() async throws {
        let place = try Workplace()
        _ = try await prepared(place)
        let path = place.folder.appending(path: "job.checkpoint.json")
        let whole = try Data(contentsOf: path)
        try whole.prefix(whole.count / 2).write(to: path)
        try await expectRefusal(place, ["job.checkpoint.json"])
        try Data(String(decoding: whole, as: UTF8.self).replacing("\"attempts\" : 1", with: "\"attempts\" : 2").utf8)
            .write(to: path)
        try await expectRefusal(place, ["job.checkpoint.json"])
        #expect(try await place.backfill("run", ["--restart"]).exitCode == 0)
        #expect(FileManager.default.fileExists(atPath: path.path + ".previous"))
    }

    @Test func anotherSourceMappingOrCollectionIsAnotherJob() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection, record: "{tombstones: skip}")
        try await expectRefusal(place, ["tombstones"])
        try place.writeJob(paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: "another")
        try await expectRefusal(place, ["another"])
        try place.writeJob(paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection)
        try place.writeDump(People.records(0..<51), to: "dump.jsonl.zst")
        try await expectRefusal(place, ["dump.jsonl.zst"])
    }

    @Test func aDumpThatMovedIsTheSameDump() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        try FileManager.default.moveItem(atPath: place.path("dump.jsonl.zst"), toPath: place.path("moved.jsonl.zst"))
        try place.writeJob(paths: ["moved.jsonl.zst"], uri: oracle.uri, collection: collection)
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.output.contains("complete already"), "\(result.output)")
    }

    @Test func aCollectionThatWasRecreatedMidJobIsRefused() async throws {
        let place = try Workplace()
        let oracle = try await stoppedMidJob(place, uri: TestEnvironment.full())
        try await oracle.create(collection, People.schema)
        try await expectRefusal(place, ["created again"])
    }

    @Test func aCollectionThatIsGoneMidJobIsRefused() async throws {
        let place = try Workplace()
        let oracle = try await stoppedMidJob(place, uri: TestEnvironment.lite())
        try await oracle.drop(collection)
        try await expectRefusal(place, ["does not exist any more"])
    }

    @Test func aSchemaThatChangedMidJobIsRefused() async throws {
        let place = try Workplace()
        let oracle = try await stoppedMidJob(place, uri: TestEnvironment.lite())
        try await oracle.create(collection, People.schema.replacing("20", with: "30"))
        try await expectRefusal(place, ["VarChar(20)", "VarChar(30)"])
    }

    @Test func aSecondRunWhileOneHoldsTheJobEndsAtOnce() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(collection, People.schema)
        try place.writeDump(People.padded(0..<8000), to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection, record: People.dropPadding,
            run: "{batch: {rows: 10}, rate: 250/s}")
        let first = try await Command.run(TestEnvironment.binary(), ["run", place.path("job.yaml")]) { program in
            try await place.waitUntilUnderWay(program)
            let second = try await place.backfill()
            #expect(second.exitCode == 11, "\(second.errors)")
            #expect(second.errors.contains("another run"), "\(second.errors)")
            program.send(.terminate)
        }
        #expect(first.exitCode == 143, "\(first.errors)")
    }
}
