package import BackfillCore

/// Knows for the ranges of one partition which message comes next, and what an event of the partition means for them.
///
/// A range ends with the first event that shows that nothing below its end can follow: a message at its last offset or
/// later, or the end of the log at its end or later. The reader's own position would not do, because the messages of
/// aborted transactions, the markers of transactions and compacted messages leave offsets that no message ever has.
package struct RangeCursor: Sendable {
    /// What follows an event.
    package enum Continuation: Sendable, Equatable {
        /// The next event of the partition.
        case sameRange
        /// Reading begins anew at this offset.
        case restart(at: Int64)
        /// Nothing: all ranges are read.
        case end
    }

    /// What an event means.
    package struct Verdict: Sendable, Equatable {
        /// Whether the message belongs to the range.
        package var isWanted: Bool
        /// Offsets below the event that turned out to hold no message.
        package var absent: Int64
        package var continuation: Continuation

        package init(isWanted: Bool, absent: Int64, continuation: Continuation) {
            self.isWanted = isWanted
            self.absent = absent
            self.continuation = continuation
        }
    }

    private let ranges: [OffsetRange]
    private var index = 0
    /// The lowest offset that is still to come.
    package private(set) var next: Int64

    /// - Parameters:
    ///   - ranges: Ascending and apart.
    ///   - position: Where the last run stopped.
    package init(ranges: [OffsetRange], position: Int64) {
        self.ranges = ranges
        self.next = position
        enterNextRange()
    }

    package var isAtEnd: Bool { index == ranges.count }

    /// The end of the range at hand; nil at the end of all.
    package var endOfRange: Int64? { isAtEnd ? nil : ranges[index].end }

    /// A message has arrived.
    ///
    /// - Returns: nil when it lies below everything that is still to come, which no broker may send.
    package mutating func takeMessage(at offset: Int64) -> Verdict? {
        guard let end = endOfRange else { return Verdict(isWanted: false, absent: 0, continuation: .end) }
        guard offset >= next else { return nil }
        guard offset < end else { return finishRange(before: end) }
        let absent = offset - next
        next = offset + 1
        guard next == end else { return Verdict(isWanted: true, absent: absent, continuation: .sameRange) }
        return Verdict(isWanted: true, absent: absent, continuation: enterNextRange())
    }

    /// The reader has come to the end of the log, which is here.
    package mutating func takeEndOfLog(at offset: Int64) -> Verdict {
        guard let end = endOfRange else { return Verdict(isWanted: false, absent: 0, continuation: .end) }
        guard offset >= end else { return Verdict(isWanted: false, absent: 0, continuation: .sameRange) }
        return finishRange(before: end)
    }

    /// The log now begins here.
    ///
    /// - Returns: the offsets that are lost, and where reading goes on.
    package mutating func takeStartOfLog(at offset: Int64) -> (lost: [OffsetRange], continuation: Continuation) {
        var lost: [OffsetRange] = []
        while let end = endOfRange, next < offset {
            lost.append(OffsetRange(start: next, end: min(offset, end)))
            next = min(offset, end)
            if next == end { enterNextRange() }
        }
        return (lost, isAtEnd ? .end : .restart(at: next))
    }

    private mutating func finishRange(before end: Int64) -> Verdict {
        let absent = end - next
        next = end
        return Verdict(isWanted: false, absent: absent, continuation: enterNextRange())
    }

    /// Leaves the ranges that lie below `next`, or hold nothing.
    @discardableResult
    private mutating func enterNextRange() -> Continuation {
        while index < ranges.count {
            next = max(next, ranges[index].start)
            if next < ranges[index].end { return .restart(at: next) }
            index += 1
        }
        return .end
    }
}
