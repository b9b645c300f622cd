import Foundation
import Subprocess
import Testing

/// Collections that are changed while a job writes to them, or between two runs of it.
@Suite(.serialized) struct TargetChangeTests {
    private static let count = 8000

    private func prepared(_ place: borrowing Workplace, uri: String, collection: String) async throws -> Oracle {
        let oracle = Oracle(uri: uri)
        try await oracle.create(collection, People.schema)
        try place.writeDump(People.padded(0..<Self.count), to: "dump.jsonl.zst")
        // Forty seconds.
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: uri, collection: collection, record: People.dropPadding,
            run: "{batch: {rows: 20}, rate: 200/s}")
        return oracle
    }

    /// Runs the job and does something once it is under way.
    private func run(
        _ place: borrowing Workplace, while change: () async throws -> Void
    ) async throws -> CommandResult {
        try await Command.run(TestEnvironment.binary(), ["run", place.path("job.yaml")]) { program in
            try await place.waitUntilUnderWay(program)
            try await change()
        }
    }

    @Test func aCollectionThatIsDroppedAndMadeAgainDuringARunIsNoticed() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, uri: TestEnvironment.full(), collection: "recreated_meanwhile")
        let result = try await run(place) { try await oracle.create("recreated_meanwhile", People.schema) }
        #expect(result.exitCode == 12, "\(result.errors)")
        #expect(result.errors.contains("`recreated_meanwhile`"), "\(result.errors)")
        #expect(result.errors.contains("--restart"), "\(result.errors)")
        let again = try await place.backfill()
        #expect(again.exitCode == 12, "\(again.errors)")
        let anew = try await place.backfill("run", ["--restart", "--set", "run.rate=100000/s"])
        #expect(anew.exitCode == 0, "\(anew.errors)")
        #expect(try await oracle.count(of: "recreated_meanwhile") == Self.count)
    }

    /// A server may take rows for one that was made again without a word: its id tells, also of a run that is short.
    @Test(arguments: [1, 50]) func anIdThatChangesDuringARunIsNoticed(writes: Int) async throws {
        let place = try Workplace()
        let uri = try TestEnvironment.full()
        _ = try await prepared(place, uri: uri, collection: "other_id")
        let server = TestServer.faultInjector(port: 28094, to: uri, faults: ["recreated"], times: writes)
        let (result, again) = try await server.run {
            let flags = [
                "--set", "target.milvus.uri=http://127.0.0.1:28094", "--rate", writes == 1 ? "100000/s" : "400/s",
            ]
            return (try await place.backfill("run", flags), try await place.backfill("run", flags))
        }
        #expect(result.exitCode == 12, "\(result.errors)")
        #expect(result.errors.contains("`other_id` was changed while the job wrote to it"), "\(result.errors)")
        #expect(result.errors.contains("--restart"), "\(result.errors)")
        // Also where every row was written by then.
        #expect(again.exitCode == 12, "\(again.output)\(again.errors)")
        #expect(again.errors.contains("dropped and created again"), "\(again.errors)")
        guard writes == 1 else { return }
        #expect(try await place.backfill("status").output.contains("unfinished"))
        #expect(try await place.backfill().exitCode == 0, "it is the old one after all")
        #expect(try await place.backfill("status").output.contains("done"))
    }

    @Test(arguments: [MilvusTarget.liteOverGRPC, .fullOverGRPC])
    func aCollectionThatIsDroppedDuringARunEndsIt(target: MilvusTarget) async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, uri: target.uri(), collection: "dropped_meanwhile")
        let result = try await run(place) { try await oracle.drop("dropped_meanwhile") }
        #expect(result.exitCode == 12, "\(result.errors)")
        #expect(result.errors.contains("is gone"), "\(result.errors)")
        #expect(result.errors.contains("dropped_meanwhile"), "\(result.errors)")
    }

    @Test(arguments: [MilvusTarget.liteOverGRPC, .fullOverGRPC])
    func aSchemaThatIsChangedBetweenTwoRunsIsRefused(target: MilvusTarget) async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, uri: target.uri(), collection: "other_schema")
        let stopped = try await place.backfill(until: .interrupt)
        #expect(stopped.exitCode == 130, "\(stopped.errors)")
        let longer = People.schema.replacing("\"max_length\": 20", with: "\"max_length\": 30")
        try await oracle.create("other_schema", longer)
        let result = try await place.backfill()
        #expect(result.exitCode == 12, "\(result.errors)")
        #expect(result.errors.contains("name") && result.errors.contains("30"), "\(result.errors)")
        #expect(try await oracle.count(of: "other_schema") == 0)
    }
}
