/// Knows for one unit which chunks are settled, and from there the watermark: the end of the longest run of settled
/// chunks from the beginning. Chunks are settled in any order; the watermark moves over whole chunks only.
public struct AckTracker: Sendable {
    private struct Pending {
        var open: Int
        var counts: RecordCounts
        var end: SourcePosition
        var gaps: [OffsetRange]
        var anchor: LogAnchor?
        var bytes: Int
    }

    /// Where reading goes on after a restart.
    public private(set) var watermark: SourcePosition
    /// Totals over everything before the watermark.
    public private(set) var counts: RecordCounts
    /// Lost offsets before the watermark.
    public private(set) var gaps: [OffsetRange]
    /// The last message before the watermark.
    public private(set) var anchor: LogAnchor?

    private var pending: [Pending] = []
    /// Chunks at the front of `pending` that lie behind the watermark already; removed now and then, together.
    private var settledPrefix = 0
    /// Sequence number of `pending[0]`.
    private var firstSequence = 0

    public init(
        watermark: SourcePosition, counts: RecordCounts, gaps: [OffsetRange] = [], anchor: LogAnchor? = nil
    ) {
        self.watermark = watermark
        self.counts = counts
        self.gaps = gaps
        self.anchor = anchor
    }

    /// Whether nothing that was tracked is still open.
    public var isSettled: Bool { settledPrefix == pending.count }

    /// Expects the next chunk's operations.
    ///
    /// - Parameters:
    ///   - counts: what is known of the chunk's records already: those that no batch will settle.
    ///   - open: operations that batches will settle.
    ///   - anchor: the chunk's last message.
    ///   - bytes: memory that the chunk holds until it is settled.
    /// - Returns: the chunk's sequence number in the unit.
    public mutating func track(
        open: Int, counts: RecordCounts, end: SourcePosition, gaps: [OffsetRange] = [], anchor: LogAnchor? = nil,
        bytes: Int = 0
    ) -> Int {
        pending.append(Pending(open: open, counts: counts, end: end, gaps: gaps, anchor: anchor, bytes: bytes))
        let sequence = firstSequence + pending.count - 1
        advance()
        return sequence
    }

    /// Takes note of a batch's share of a chunk. A share of nothing is allowed at any time: half of a batch still names
    /// the chunks whose rows all went with the other half, and which are settled by now.
    ///
    /// - Returns: the bytes that are free again, because this was the last of the chunk's operations; 0 otherwise.
    @discardableResult
    public mutating func settle(_ sequence: Int, _ share: RowBatch.Share) -> Int {
        guard share.total > 0 else { return 0 }
        let index = sequence - firstSequence
        precondition(
            index >= settledPrefix && pending[index].open >= share.total,
            "A batch settled operations of chunk \(sequence) that were settled before.")
        pending[index].open -= share.total
        pending[index].counts.upserted += share.upserted
        pending[index].counts.deleted += share.deleted
        pending[index].counts.superseded += share.superseded
        pending[index].counts.rejected += share.rejected
        pending[index].counts.newer += share.newer
        let freed = pending[index].open == 0 ? pending[index].bytes : 0
        if index == settledPrefix { advance() }
        return freed
    }

    private mutating func advance() {
        while settledPrefix < pending.count, pending[settledPrefix].open == 0 {
            watermark = pending[settledPrefix].end
            counts += pending[settledPrefix].counts
            gaps += pending[settledPrefix].gaps
            anchor = pending[settledPrefix].anchor ?? anchor
            settledPrefix += 1
        }
        guard settledPrefix > 64 else { return }
        pending.removeFirst(settledPrefix)
        firstSequence += settledPrefix
        settledPrefix = 0
    }
}
