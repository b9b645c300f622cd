import Foundation
import Subprocess
import TestSupport
import Testing

@Suite(.serialized) struct KillAndResumeTests {
    /// Enough that fifty runs, each killed within half a second, do not come to the end.
    static let messages = 60_000

    @Test(arguments: [1, 4, 16])
    func everyRowIsRightAfterFiftyKills(lanes: Int) async throws {
        try await killAndResume(uri: TestEnvironment.lite(), lanes: lanes, kills: 50)
    }

    @Test func everyRowIsRightAfterKillsOnTheFullServer() async throws {
        try await killAndResume(uri: TestEnvironment.full(), lanes: 4, kills: 20)
    }

    private func killAndResume(uri: String, lanes: Int, kills: Int) async throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        print("kill and resume: seed \(seed), \(lanes) lanes, \(uri)")
        var random = SeededGenerator(seed: seed)
        let source = RandomSource(seed: seed, messages: Self.messages, keys: 4_000)
        let collection = "kill_\(lanes)"
        let oracle = Oracle(uri: uri)
        try await oracle.create(collection, RandomSource.schema)
        let place = try Workplace()
        let third = source.lines.count / 3
        for part in 0..<3 {
            try place.writeDump(
                Array(source.lines[(part * third)..<(part == 2 ? source.lines.count : (part + 1) * third)]),
                to: "part-\(part).jsonl.zst", linesPerFrame: part == 1 ? .max : 1_500)
        }
        // Small batches make the run long enough to be killed in the middle of it.
        try place.writeJob(
            paths: ["part-*.jsonl.zst"], uri: uri, collection: collection, run: "{lanes: \(lanes), batch: {rows: 15}}")

        var killed = 0
        var survived = 0
        var positions: Set<String> = []
        while killed < kills {
            let delay = Duration.milliseconds(Int.random(in: 60...500, using: &random))
            let result = try await Command.run(
                TestEnvironment.binary(), ["run", place.path("job.yaml")], signals: [(.kill, after: delay)])
            if result.exitCode == 137 { killed += 1 } else { survived += 1 }
            try #require(result.exitCode == 137 || result.exitCode == 0, "seed \(seed): \(result.errors)")
            try #require(survived == 0, "seed \(seed): the run was over after \(killed) kills; make the source larger")
            let status = try await place.backfill("status", ["--json"])
            positions.insert(status.output)
        }
        let last = try await place.backfill()
        #expect(last.exitCode == 0, "seed \(seed): \(last.errors)")
        #expect(positions.count > kills / 2, "seed \(seed): the killed runs have to get ahead, or nothing was resumed")
        let differences = source.differences(from: try await oracle.rows(of: collection))
        #expect(differences.isEmpty, "seed \(seed), \(lanes) lanes: \(differences.prefix(10))")

        let again = try await place.report()
        #expect(again.code == 0)
        #expect(again.report["outcome"] as? String == "alreadyDone")
        #expect(again.report["rowsRead"] as? Int == 0)
    }
}
