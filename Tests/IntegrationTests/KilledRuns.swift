import Foundation
import Subprocess
import TestSupport
import Testing

/// Runs of one job that are killed at random moments.
struct KilledRuns {
    private let seed: UInt64
    /// How many records the job has.
    private let messages: Int
    private var random: SeededGenerator
    /// The kills that are still to come.
    private var kills: Int
    /// In milliseconds. It follows the speed of the machine, so that about half of the killed runs get ahead.
    private var longestLife = 400
    /// The kills after which the checkpoint was further than after the one before.
    private var advances = 0

    init(seed: UInt64, kills: Int, messages: Int) {
        self.seed = seed
        self.messages = messages
        self.kills = kills
        random = SeededGenerator(seed: seed)
    }

    /// Kills run after run, lets the last one come to its end, and compares the collection with the rows that have to
    /// be there. Whatever runs after that has nothing to do.
    ///
    /// Where the job is nearly done before the last kill, it is let come to its end, and the other kills go to the same
    /// job from its beginning.
    ///
    /// - Parameter rejects: The places of messages that have to be in the reject file, each once.
    mutating func check(
        _ place: borrowing Workplace, _ oracle: Oracle, collection: String, schema: String,
        expected: [String: NSDictionary], rejects: Set<Topics.Place> = []
    ) async throws {
        let (all, code): (Int, Int32) = (kills, rejects.isEmpty ? 0 : 3)
        repeat {
            try place.forgetRuns()
            try await oracle.create(collection, schema)
            try await kill(place, endCode: code)

            let last = try await place.backfill()
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
        } while kills > 0
        #expect(
            advances > all / 10, "seed \(seed): too few of the killed runs got ahead for others to resume")
    }

    /// Kills runs until all kills are done or most of the job is.
    private mutating func kill(_ place: borrowing Workplace, endCode: Int32) async throws {
        let all = kills
        var records = 0
        while kills > 0, records < messages / 10 * 9 {
            let result = try await Command.run(
                TestEnvironment.binary(), ["run", place.path("job.yaml")],
                signals: [(.kill, after: .milliseconds(random.number(50...longestLife)))])
            guard result.exitCode == 137 else {
                // A machine that has become faster all at once.
                try #require(result.exitCode == endCode, "seed \(seed): \(result.errors)")
                try #require(kills < all || longestLife > 100, "seed \(seed): the source is too small to be killed")
                longestLife = max(100, longestLife / 4)
                return
            }
            kills -= 1
            guard let units = try place.units() else { continue }
            let settled = units.reduce(0) { $0 + $1.records }
            if settled > records {
                advances += 1
                longestLife = max(100, longestLife * 4 / 5)
            } else {
                longestLife = min(10_000, longestLife * 5 / 4)
            }
            records = settled
        }
    }
}
