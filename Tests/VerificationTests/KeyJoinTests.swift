import BackfillCore
import TestSupport
import Testing
import Verification

struct KeyJoinTests {
    /// Random records of few and many keys in several units, and a collection that differs from them, joined with so little
    /// room that parts are set apart again.
    @Test(arguments: 0..<40 as Range<UInt64>) func itJudgesAsANaiveModelDoes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let keyCount = random.number(1...6000)
        let isText = random.oneIn(2)
        func key(_ number: Int) -> PrimaryKey {
            // Some count for several.
            isText
                ? .text(Array((String(repeating: "k", count: number % 99) + "\(number)").utf8))
                : .integer(Int64(number))
        }
        try withTemporaryFolder { folder in
            var join = try KeyJoin(beside: folder + "/c.json", maximumKeys: random.number(1...400))
            var model: [PrimaryKey: KeyRecords] = [:]
            for number in 0..<random.number(0...8000) {
                let key = key(random.number(0...keyCount))
                let digest = RowDigest(high: UInt64(random.number(0...2)), low: 0)
                let effect: KeyRecords.Effect = random.oneIn(9) ? .noRow : random.oneIn(50) ? .unknown : .row(digest)
                let record = KeyRecords.Record(
                    effect, version: random.oneIn(2) ? .none : .integer(Int64(random.number(0...3))),
                    at: RecordPlace(unit: random.number(0...2), file: 1, record: Int64(number)))
                model[key, default: KeyRecords()].add(record)
                try join.add(record, of: key)
            }
            var rows: [PrimaryKey: (digest: RowDigest, version: RowVersion)] = [:]
            for number in 0...keyCount where !random.oneIn(3) {
                rows[key(number)] = (
                    RowDigest(high: UInt64(random.number(0...2)), low: 0), .integer(Int64(random.number(0...4)))
                )
            }
            for (key, row) in rows { try join.add(row: row.digest, version: row.version, of: key) }
            #expect(try names(in: folder) == [], "the temporary files have no names")

            var verdicts: [PrimaryKey: Verdict] = [:]
            var judged = 0
            try join.judge { verdict, key in
                verdicts[key] = verdict
                judged += 1
            }
            #expect(judged == verdicts.count, "each key once")
            var expected = model.mapValues { $0.verdict(on: nil) }
            for (key, row) in rows {
                expected[key] = model[key]?.verdict(on: row.digest, version: row.version) ?? .withoutRecord
            }
            #expect(verdicts == expected, "seed \(seed)")
        }
    }
}

struct KeyRecordsTests {
    private static func records(_ effects: (Int, KeyRecords.Effect)...) -> KeyRecords {
        var records = KeyRecords()
        for (index, (unit, effect)) in effects.enumerated() {
            records.add(KeyRecords.Record(effect, at: RecordPlace(unit: unit, file: 0, record: Int64(index))))
        }
        return records
    }

    private let one = RowDigest(high: 1, low: 1)
    private let two = RowDigest(high: 1, low: 2)

    @Test func theLastRecordOfAUnitCounts() {
        let records = Self.records((0, .row(one)), (0, .row(two)))
        #expect(records.verdict(on: two) == .right)
        #expect(records.verdict(on: one) == .stale(RecordPlace(unit: 0, file: 0, record: 1)))
        #expect(records.verdict(on: nil) == .missing(RecordPlace(unit: 0, file: 0, record: 1)))
    }

    @Test func betweenUnitsAnyOfTheLastOnesIsRight() {
        let records = Self.records((0, .row(one)), (1, .row(two)), (2, .noRow))
        #expect(records.verdict(on: one) == .right && records.verdict(on: two) == .right)
        #expect(records.verdict(on: nil) == .right)
        #expect(records.verdict(on: RowDigest(high: 0, low: 0)) == .stale(RecordPlace(unit: 0, file: 0, record: 0)))
    }

    @Test func whereRowsHaveVersionsTheNewestRecordCountsAndANewerRowIsRight() {
        var records = KeyRecords()
        for (number, (unit, digest, version)) in [(0, one, 5), (0, two, 3), (1, two, 4)].enumerated() {
            records.add(
                KeyRecords.Record(
                    .row(digest), version: .integer(Int64(version)),
                    at: RecordPlace(unit: unit, file: 0, record: Int64(number))))
        }
        let other = RowDigest(high: 0, low: 0)
        #expect(records.verdict(on: one, version: .integer(5)) == .right)
        #expect(records.verdict(on: other, version: .integer(6)) == .right)
        #expect(records.verdict(on: two, version: .integer(4)) == .stale(RecordPlace(unit: 0, file: 0, record: 0)))
        #expect(records.verdict(on: other, version: .integer(5)) == .stale(RecordPlace(unit: 0, file: 0, record: 0)))
        #expect(records.verdict(on: nil) == .missing(RecordPlace(unit: 0, file: 0, record: 0)))
    }

    @Test func aDeletedKeyHasNoRow() {
        let records = Self.records((0, .row(one)), (0, .noRow))
        #expect(records.verdict(on: nil) == .right && records.verdict(on: one) == .unexpected)
    }

    @Test func whatMayHaveBeenWrittenOrNotIsNotJudgedUntilALaterRecordIs() {
        #expect(Self.records((0, .row(one)), (0, .unknown)).verdict(on: nil) == .undecided)
        #expect(Self.records((0, .unknown), (1, .row(one))).verdict(on: one) == .undecided)
        #expect(Self.records((0, .unknown), (0, .row(one))).verdict(on: one) == .right)
    }
}
