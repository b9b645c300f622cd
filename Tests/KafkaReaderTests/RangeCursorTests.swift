import BackfillCore
import KafkaReader
import TestSupport
import Testing

@Suite("The ranges of a partition")
struct RangeCursorTests {
    /// A log and ranges of it, and what reading them comes to.
    struct Layout: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var ranges: [OffsetRange]
        var log: PartitionLog
        var taken: [Int64]
        var absent: Int64 = 0
        var lost: [OffsetRange] = []
        var restarts: [Int64] = []
        /// nil: the first range's start.
        var position: Int64?

        init(
            _ name: String, _ ranges: [Range<Int>], of log: PartitionLog, taken: [Int64], absent: Int64 = 0,
            lost: [Range<Int>] = [], restarts: [Int64] = [], position: Int64? = nil
        ) {
            self.testDescription = name
            self.ranges = ranges.map { OffsetRange($0) }
            self.log = log
            self.taken = taken
            self.absent = absent
            self.lost = lost.map { OffsetRange($0) }
            self.restarts = restarts
            self.position = position
        }
    }

    static let layouts: [Layout] = [
        Layout("no range", [], of: PartitionLog(end: 10), taken: []),
        Layout("an empty range", [4..<4], of: PartitionLog(end: 10), taken: []),
        Layout(
            "an empty range that the last run had not come to", [4..<4], of: PartitionLog(end: 10), taken: [],
            position: 0),
        Layout("an empty range of an empty log", [0..<0], of: PartitionLog(end: 0), taken: []),
        Layout("an empty range below the log", [4..<4], of: PartitionLog(start: 6, end: 10), taken: [], position: 0),
        Layout("a range of one", [4..<5], of: PartitionLog(end: 10), taken: [4]),
        Layout(
            "a range of one that holds none", [4..<5], of: PartitionLog(end: 10, holes: [4..<5]), taken: [], absent: 1),
        Layout("a range that ends with the last message", [5..<10], of: PartitionLog(end: 10), taken: Array(5..<10)),
        Layout("a range in the middle", [3..<6], of: PartitionLog(end: 10), taken: [3, 4, 5]),
        Layout(
            "a range that ends in markers, behind which the log ends", [5..<10],
            of: PartitionLog(end: 10, holes: [8..<10]),
            taken: [5, 6, 7], absent: 2),
        Layout(
            "a range that ends in markers, behind which the log goes on without messages", [5..<10],
            of: PartitionLog(end: 15, holes: [8..<15]), taken: [5, 6, 7], absent: 2),
        Layout(
            "a range that ends in markers, behind which messages follow", [5..<10],
            of: PartitionLog(end: 15, holes: [8..<12]), taken: [5, 6, 7], absent: 2),
        Layout("a range of markers alone", [5..<10], of: PartitionLog(end: 10, holes: [0..<10]), taken: [], absent: 5),
        Layout(
            "a hole at the start", [2..<6], of: PartitionLog(end: 10, holes: [0..<4]), taken: [4, 5], absent: 2),
        Layout(
            "a hole in the middle", [2..<8], of: PartitionLog(end: 10, holes: [4..<6]), taken: [2, 3, 6, 7], absent: 2),
        Layout(
            "holes at both ends and in the middle", [0..<10], of: PartitionLog(end: 12, holes: [0..<2, 4..<5, 8..<12]),
            taken: [2, 3, 5, 6, 7], absent: 5),
        Layout(
            "ranges apart", [1..<3, 5..<6, 8..<10], of: PartitionLog(end: 10), taken: [1, 2, 5, 8, 9], restarts: [5, 8]),
        Layout("adjacent ranges", [1..<3, 3..<5], of: PartitionLog(end: 10), taken: [1, 2, 3, 4], restarts: [3]),
        Layout(
            "adjacent ranges with a hole over their border", [1..<4, 4..<8],
            of: PartitionLog(end: 10, holes: [3..<6]), taken: [1, 2, 6, 7], absent: 3, restarts: [4]),
        Layout(
            "several ranges in one hole", [1..<3, 4..<6, 7..<9], of: PartitionLog(end: 10, holes: [0..<9]), taken: [],
            absent: 6, restarts: [4, 7]),
        Layout(
            "an empty range between two others", [1..<3, 5..<5, 8..<9], of: PartitionLog(end: 10), taken: [1, 2, 8],
            restarts: [8]),
        Layout("an empty range behind another", [1..<3, 5..<5], of: PartitionLog(end: 10), taken: [1, 2]),
        Layout(
            "a log that begins in the range", [2..<8], of: PartitionLog(start: 5, end: 10), taken: [5, 6, 7],
            lost: [2..<5], restarts: [5]),
        Layout(
            "a log that begins with a hole", [2..<8], of: PartitionLog(start: 5, end: 10, holes: [5..<6]),
            taken: [6, 7],
            absent: 1, lost: [2..<5], restarts: [5]),
        Layout(
            "a log that begins at the end of the range", [2..<8], of: PartitionLog(start: 8, end: 10), taken: [],
            lost: [2..<8]),
        Layout(
            "a log that begins behind the range", [2..<8], of: PartitionLog(start: 9, end: 10), taken: [], lost: [2..<8]
        ),
        Layout(
            "a log that begins in the second range", [1..<3, 5..<9], of: PartitionLog(start: 6, end: 10),
            taken: [6, 7, 8], lost: [1..<3, 5..<6], restarts: [6]),
        Layout(
            "a log that begins between ranges", [1..<3, 5..<9], of: PartitionLog(start: 4, end: 10),
            taken: [5, 6, 7, 8], lost: [1..<3], restarts: [5]),
        Layout(
            "a log that begins behind several ranges", [1..<3, 3..<4, 6..<7], of: PartitionLog(start: 8, end: 10),
            taken: [], lost: [1..<3, 3..<4, 6..<7]),
        Layout("a position in the range", [2..<8], of: PartitionLog(end: 10), taken: [5, 6, 7], position: 5),
        Layout("a position between ranges", [2..<4, 6..<8], of: PartitionLog(end: 10), taken: [6, 7], position: 5),
        Layout(
            "a position at the end of a range", [2..<4, 6..<8], of: PartitionLog(end: 10), taken: [6, 7], position: 4),
        Layout("a position at the end of all", [2..<4, 6..<8], of: PartitionLog(end: 10), taken: [], position: 8),
    ]

    @Test("are read to their end", arguments: layouts)
    func layout(_ layout: Layout) {
        var cursor = RangeCursor(ranges: layout.ranges, position: layout.position ?? layout.ranges.first?.start ?? 0)
        var run = CursorRun()
        run.read(layout.log, &cursor)
        #expect(run.taken == layout.taken)
        #expect(run.absent == layout.absent)
        #expect(run.lost == layout.lost)
        #expect(run.restarts == layout.restarts)
        #expect(cursor.isAtEnd)
        #expect(cursor.endOfRange == nil)
        #expect(cursor.next >= layout.ranges.last?.end ?? 0)
    }

    // MARK: Single events

    private func cursor(_ ranges: Range<Int>..., position: Int64? = nil) -> RangeCursor {
        RangeCursor(
            ranges: ranges.map { OffsetRange($0) }, position: position ?? ranges.first.map { Int64($0.lowerBound) } ?? 0
        )
    }

    private typealias Verdict = RangeCursor.Verdict

    @Test(
        "A message behind the end is not wanted and shows that nothing else follows", arguments: [5, 6, 70] as [Int64])
    func messageBehindEnd(offset: Int64) {
        var cursor = cursor(2..<5)
        #expect(cursor.takeMessage(at: 2) == Verdict(isWanted: true, absent: 0, continuation: .sameRange))
        #expect(cursor.takeMessage(at: offset) == Verdict(isWanted: false, absent: 2, continuation: .end))
        #expect(cursor.next == 5)
    }

    @Test("A message behind the end of a range, in the next one, is asked for again")
    func messageInNextRange() {
        var cursor = cursor(2..<5, 7..<9)
        #expect(cursor.takeMessage(at: 8) == Verdict(isWanted: false, absent: 3, continuation: .restart(at: 7)))
        #expect(cursor.takeMessage(at: 8) == Verdict(isWanted: true, absent: 1, continuation: .end))
    }

    @Test("The last message ends the range without waiting for another event")
    func lastMessage() {
        var cursor = cursor(2..<4)
        #expect(cursor.takeMessage(at: 2) == Verdict(isWanted: true, absent: 0, continuation: .sameRange))
        #expect(cursor.endOfRange == 4)
        #expect(cursor.takeMessage(at: 3) == Verdict(isWanted: true, absent: 0, continuation: .end))
        #expect(cursor.isAtEnd)
    }

    @Test("The log's end before the range's end changes nothing: more may be written")
    func endOfLogBeforeEnd() {
        var cursor = cursor(2..<8)
        #expect(cursor.takeMessage(at: 2)?.isWanted == true)
        #expect(cursor.takeEndOfLog(at: 5) == Verdict(isWanted: false, absent: 0, continuation: .sameRange))
        #expect(cursor.next == 3)
        #expect(cursor.takeMessage(at: 6) == Verdict(isWanted: true, absent: 3, continuation: .sameRange))
    }

    @Test("The log's end at the range's end or behind it ends the range", arguments: [8, 9, 100] as [Int64])
    func endOfLogAtEnd(offset: Int64) {
        var cursor = cursor(2..<8)
        #expect(cursor.takeMessage(at: 4) == Verdict(isWanted: true, absent: 2, continuation: .sameRange))
        #expect(cursor.takeEndOfLog(at: offset) == Verdict(isWanted: false, absent: 3, continuation: .end))
        #expect(cursor.next == 8)
    }

    @Test("The log's end ends one range at a time: what the next one holds is asked for")
    func endOfLogBehindSeveralRanges() {
        var cursor = cursor(2..<4, 6..<8)
        #expect(cursor.takeEndOfLog(at: 9) == Verdict(isWanted: false, absent: 2, continuation: .restart(at: 6)))
        #expect(cursor.takeEndOfLog(at: 9) == Verdict(isWanted: false, absent: 2, continuation: .end))
    }

    @Test("A message below everything that is still to come is refused", arguments: [0, 3, 5] as [Int64])
    func messageBelow(offset: Int64) {
        var cursor = cursor(2..<9)
        #expect(cursor.takeMessage(at: 5)?.isWanted == true)
        #expect(cursor.takeMessage(at: offset) == nil)
        #expect(cursor.next == 6)
    }

    @Test("Nothing is wanted after the end")
    func afterEnd() {
        var cursor = cursor(2..<3)
        #expect(cursor.takeMessage(at: 2)?.continuation == .end)
        #expect(cursor.takeMessage(at: 3) == Verdict(isWanted: false, absent: 0, continuation: .end))
        #expect(cursor.takeEndOfLog(at: 9) == Verdict(isWanted: false, absent: 0, continuation: .end))
        let late = cursor.takeStartOfLog(at: 9)
        #expect(late.lost.isEmpty)
        #expect(late.continuation == .end)
        #expect(cursor.next == 3)
    }

    @Test("A log that begins at or below the cursor has lost nothing", arguments: [0, 4, 5] as [Int64])
    func startOfLogBelow(offset: Int64) {
        var cursor = cursor(2..<9, position: 5)
        let found = cursor.takeStartOfLog(at: offset)
        #expect(found.lost.isEmpty)
        #expect(found.continuation == .restart(at: 5))
    }

    @Test("What was taken before the log moved is not lost")
    func startOfLogMoves() {
        var cursor = cursor(2..<6, 8..<12)
        #expect(cursor.takeMessage(at: 3)?.isWanted == true)
        let found = cursor.takeStartOfLog(at: 9)
        #expect(found.lost == [OffsetRange(4..<6), OffsetRange(8..<9)])
        #expect(found.continuation == .restart(at: 9))
        #expect(cursor.endOfRange == 12)
    }

    // MARK: The naive model

    @Test("hold every message once, whatever the log, and wherever a run stops", arguments: 0..<3000)
    func everyMessageOnce(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let log = PartitionLog.random(&random)
        let ranges = log.randomRanges(&random)
        let position = random.oneIn(2) ? 0 : Int64(random.number(0...Int(log.end)))
        let asked = ranges.flatMap { $0.start..<$0.end }.filter { $0 >= position }

        var cursor = RangeCursor(ranges: ranges, position: position)
        var run = CursorRun()
        for _ in 0..<10_000 where !cursor.isAtEnd {
            run.read(log, &cursor, events: random.number(1...20))
            // A run that ends here goes on from its position.
            let stopped = cursor
            cursor = RangeCursor(ranges: ranges, position: stopped.next)
            #expect(cursor.next == stopped.next)
            #expect(cursor.isAtEnd == stopped.isAtEnd)
        }

        #expect(cursor.isAtEnd)
        #expect(run.taken == asked.filter { $0 >= log.start && log.messages.contains($0) })
        #expect(run.absent == Int64(asked.count { $0 >= log.start && !log.messages.contains($0) }))
        #expect(run.lost.flatMap { $0.start..<$0.end } == asked.filter { $0 < log.start })
        #expect(run.lost.allSatisfy { !$0.isEmpty })
    }

    @Test("account for every offset as taken, absent or lost when the log's start moves", arguments: 0..<3000)
    func movingStart(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var log = PartitionLog.random(&random)
        let ranges = log.randomRanges(&random)
        let asked = ranges.flatMap { $0.start..<$0.end }

        var cursor = RangeCursor(ranges: ranges, position: 0)
        var run = CursorRun()
        for _ in 0..<10_000 where !cursor.isAtEnd {
            // A consumer still has messages that the log has lost already; only at times it must ask the log.
            var seen = log
            if random.oneIn(2) { seen.start = 0 }
            run.read(seen, &cursor, events: random.number(1...5))
            if random.oneIn(4) { log.start = Int64(random.number(Int(log.start)...Int(log.end))) }
        }

        let lost = Set(run.lost.flatMap { $0.start..<$0.end })
        #expect(cursor.isAtEnd)
        #expect(lost.count == run.lost.reduce(0) { $0 + Int($1.count) })
        #expect(lost.allSatisfy { asked.contains($0) && $0 < log.start })
        #expect(run.taken == asked.filter { !lost.contains($0) && log.messages.contains($0) })
        #expect(run.absent == Int64(asked.count { !lost.contains($0) && !log.messages.contains($0) }))
    }
}
