/// One thing to do to one key: the grain that lanes and batches handle.
public struct RowOperation: Sendable {
    /// Hash of the primary key; equal keys have equal hashes within a run.
    public var keyHash: UInt64
    /// Row of `DecodedChunk.columns`, or for a delete of `DecodedChunk.deletedKeys`.
    public var row: Int32
    /// Bytes that the row takes in a request, about.
    public var size: UInt32
    public var isDelete: Bool
    /// The offset of the operation's message, or the number of its line.
    public var record: Int64

    public init(keyHash: UInt64, row: Int, size: Int, isDelete: Bool, record: Int64) {
        self.keyHash = keyHash
        self.row = Int32(row)
        self.size = UInt32(clamping: size)
        self.isDelete = isDelete
        self.record = record
    }
}

/// The rows of one chunk, as columns, with what to do with each of them.
///
/// Batches refer to its rows instead of copying them, so it lives until the last of them is acknowledged.
public final class DecodedChunk: Sendable {
    /// One for each field that is written, the primary key among them, then `$meta` of a dynamic collection.
    public let columns: [Column]
    /// Index of the primary key in `columns`.
    public let keyColumn: Int
    /// The keys of tombstones.
    public let deletedKeys: Column
    /// In the order of the records.
    public let operations: [RowOperation]
    /// For each lane the indexes into `operations` that belong to it, in order.
    public let lanes: [[Int32]]
    public let rejects: [Reject]
    /// Records in the chunk, and what is known of them before anything is sent: rejected and skipped ones.
    public let counts: RecordCounts
    /// Where reading finds the chunk's records again.
    public let start: SourcePosition
    /// Where the chunk's unit goes on once the chunk is settled.
    public let end: SourcePosition
    /// Offsets before the chunk's records whose messages were lost.
    public let gaps: [OffsetRange]
    /// The chunk's last message; nil for lines, and where it has none.
    public let anchor: LogAnchor?

    public init(
        columns: [Column],
        keyColumn: Int,
        deletedKeys: Column,
        operations: [RowOperation],
        lanes: [[Int32]],
        rejects: [Reject],
        counts: RecordCounts,
        start: SourcePosition,
        end: SourcePosition,
        gaps: [OffsetRange] = [],
        anchor: LogAnchor? = nil
    ) {
        self.columns = columns
        self.keyColumn = keyColumn
        self.deletedKeys = deletedKeys
        self.operations = operations
        self.lanes = lanes
        self.rejects = rejects
        self.counts = counts
        self.start = start
        self.end = end
        self.gaps = gaps
        self.anchor = anchor
    }

    /// Whether two operations, of this chunk and of another, concern the same key.
    public func hasSameKey(_ operation: RowOperation, as other: RowOperation, of chunk: DecodedChunk) -> Bool {
        guard operation.keyHash == other.keyHash else { return false }
        return keys(of: operation).hasEqualKey(
            at: Int(operation.row), as: Int(other.row), of: chunk.keys(of: other))
    }

    private func keys(of operation: RowOperation) -> Column {
        operation.isDelete ? deletedKeys : columns[keyColumn]
    }
}

extension Column {
    /// Whether two rows of key columns hold the same key.
    func hasEqualKey(at row: Int, as otherRow: Int, of other: Column) -> Bool {
        guard case .varChar = field.type else { return integers[row] == other.integers[otherRow] }
        let range = byteRange(row)
        let otherRange = other.byteRange(otherRow)
        guard range.count == otherRange.count else { return false }
        for offset in 0..<range.count
        where bytes[range.lowerBound + offset] != other.bytes[otherRange.lowerBound + offset] {
            return false
        }
        return true
    }
}
