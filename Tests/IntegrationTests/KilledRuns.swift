import Foundation
import Subprocess
import TestSupport
import Testing

/// Runs of one job that are killed at random moments.
struct KilledRuns {
    let seed: UInt64
    let kills: Int
    /// How many records the job has.
    let messages: Int

    /// Kills run after run, lets the last one come to its end, and compares the collection with the rows that have to
    /// be there. Whatever runs after that has nothing to do.
    ///
    /// - Parameter rejects: The places of messages that have to be in the reject file, each once.
    func check(
        _ place: borrowing Workplace, _ oracle: Oracle, collection: String, expected: [String: NSDictionary],
        rejects: Set<Topics.Place> = []
    ) async throws {
        try await kill(place)
        let last = try await place.backfill()
        let code: Int32 = rejects.isEmpty ? 0 : 3
        #expect(last.exitCode == code, "seed \(seed): \(last.errors)")
        let differences = RowComparison.differences(
            between: try await oracle.rows(of: collection), and: expected)
        #expect(differences.isEmpty, "seed \(seed): \(differences.prefix(10))")

        if !rejects.isEmpty {
            let kept = try Topics.places(in: try await place.rejects())
            #expect(kept.count == rejects.count && Set(kept) == rejects, "seed \(seed)")
        }

        let again = try await place.report()
        #expect(again.code == code)
        #expect(again.report["outcome"] as? String == "alreadyDone")
        #expect(again.report["rowsRead"] as? Int == 0)
    }

    private func kill(_ place: borrowing Workplace) async throws {
        var random = SeededGenerator(seed: seed)
        var positions: Set<[NSObject]> = []
        var share = 0.0
        // In milliseconds. It follows the speed of the machine, so that about three quarters of the job are done after
        // the last kill.
        var longestLife = 400
        for kill in 1...kills {
            let result = try await Command.run(
                TestEnvironment.binary(), ["run", place.path("job.yaml")],
                signals: [(.kill, after: .milliseconds(random.number(50...longestLife)))])
            try #require(result.exitCode == 137 || result.exitCode == 0, "seed \(seed): \(result.errors)")
            try #require(
                result.exitCode == 137, "seed \(seed): the run was over before kill \(kill); make the source larger")
            guard let units = try place.units() else { continue }
            positions.insert(units.map(\.position))
            share = Double(units.reduce(0) { $0 + $1.records }) / Double(messages)
            if share > 0.9 {
                longestLife = 100
            } else if share * 4 > Double(kill) / Double(kills) * 3 {
                longestLife = max(100, longestLife / 2)
            } else {
                longestLife = min(10_000, longestLife * 9 / 8)
            }
        }
        // On a machine that is busy with something else the first kill may come late, when nearly all is done.
        #expect(
            positions.count > kills / 10 || share > 0.9,
            "seed \(seed): too few of the killed runs got ahead for others to resume")
    }
}
