import BackfillCore
import KafkaReader
import TestSupport

/// A partition's log as the naive model sees it, and what a consumer of it is sent.
struct PartitionLog {
    /// The lowest offset that the log covers.
    var start: Int64 = 0
    /// Behind the highest one.
    var end: Int64
    /// Every other offset holds none: compacted away, a marker of a transaction, or part of one that was aborted.
    var messages: [Int64]

    init(start: Int64 = 0, end: Int64, messages: [Int64]) {
        self.start = start
        self.end = end
        self.messages = messages
    }

    /// Messages everywhere but in the holes.
    init(start: Int64 = 0, end: Int64, holes: [Range<Int64>] = []) {
        self.init(
            start: start, end: end, messages: (start..<end).filter { offset in !holes.contains { $0.contains(offset) } }
        )
    }

    static func random(_ random: inout SeededGenerator) -> PartitionLog {
        let end = Int64(random.number(0...60))
        let start = Int64(random.number(0...Int(end)))
        // From none to all of the offsets hold a message.
        let density = random.number(0...4)
        return PartitionLog(
            start: random.oneIn(2) ? 0 : start, end: end,
            messages: (0..<end).filter { _ in random.number(1...4) <= density })
    }

    /// Ascending ranges apart, some of them adjacent and some empty.
    func randomRanges(_ random: inout SeededGenerator) -> [OffsetRange] {
        let bounds = (0..<2 * random.number(0...4)).map { _ in Int64(random.number(0...Int(end))) }.sorted()
        return stride(from: 0, to: bounds.count, by: 2).map { OffsetRange(start: bounds[$0], end: bounds[$0 + 1]) }
    }
}

/// What came of reading a log.
struct CursorRun: Equatable {
    var taken: [Int64] = []
    var absent: Int64 = 0
    var lost: [OffsetRange] = []
    /// Where the consumer was told to begin.
    var restarts: [Int64] = []

    /// Sends the cursor what a consumer of the log gets, until its end, until the log has no more, or for some events.
    mutating func read(_ log: PartitionLog, _ cursor: inout RangeCursor, events: Int = .max) {
        var asked = cursor.next
        var left = events
        while !cursor.isAtEnd, left > 0 {
            left -= 1
            let continuation: RangeCursor.Continuation
            if asked < log.start {
                let found = cursor.takeStartOfLog(at: log.start)
                lost += found.lost
                continuation = found.continuation
            } else if let message = log.messages.first(where: { $0 >= asked }) {
                guard let verdict = cursor.takeMessage(at: message) else { return }
                asked = message + 1
                if verdict.isWanted { taken.append(message) }
                absent += verdict.absent
                continuation = verdict.continuation
            } else {
                let verdict = cursor.takeEndOfLog(at: log.end)
                absent += verdict.absent
                continuation = verdict.continuation
                if continuation == .sameRange { return }
            }
            switch continuation {
            case .sameRange, .end: break
            case .restart(let offset):
                asked = offset
                restarts.append(offset)
            }
        }
    }
}
