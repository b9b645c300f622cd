/// Collects the operations of one lane into batches: the last operation of a key wins, wherever in the batch the key
/// stood before, or where rows have versions the newest one. Milvus 2.3 keeps every copy of a key that stands twice in one
/// upsert, and later servers refuse it.
public struct BatchBuilder: Sendable {
    private struct Entry {
        var operation: RowOperation
        var chunk: Int32
    }

    public let maximumRows: Int
    public let maximumBytes: Int

    private var entries: [Entry] = []
    private var byteCount = 0
    private var chunks: [DecodedChunk] = []
    private var tokens: [RowBatch.ChunkToken] = []
    private var superseded: [Int] = []
    private var operations: [Range<Int>] = []
    /// Open addressing over `entries`: index + 1, 0 for a free slot. Twice as many slots as rows, a power of two.
    private var slots: [Int32]
    private let slotMask: Int

    private let versions: RowVersions?

    /// - Parameter versions: given where a row must not replace a newer one of its key.
    public init(maximumRows: Int, maximumBytes: Int, versions: RowVersions? = nil) {
        self.maximumRows = maximumRows
        self.maximumBytes = maximumBytes
        self.versions = versions
        var slotCount = 16
        while slotCount < 2 * maximumRows { slotCount *= 2 }
        self.slots = [Int32](repeating: 0, count: slotCount)
        self.slotMask = slotCount - 1
        entries.reserveCapacity(maximumRows)
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// Adds a lane's share of a chunk; `emit` is handed every batch that fills up on the way.
    public mutating func add(
        _ chunk: DecodedChunk, token: RowBatch.ChunkToken, lane: Int, emit: (RowBatch) -> Void
    ) {
        guard let first = chunk.lanes[lane].first else { return }
        var chunkIndex = open(chunk, token: token, from: first)
        for index in chunk.lanes[lane] {
            let operation = chunk.operations[Int(index)]
            if isFull(withAnother: operation), let batch = take() {
                emit(batch)
                chunkIndex = open(chunk, token: token, from: index)
            }
            insert(operation, of: chunkIndex)
            operations[Int(chunkIndex)] = operations[Int(chunkIndex)].lowerBound..<Int(index) + 1
        }
    }

    /// The batch that has been collected so far, nil when there is none.
    public mutating func take() -> RowBatch? {
        guard !entries.isEmpty else { return nil }
        var shares = [RowBatch.Share](repeating: RowBatch.Share(), count: chunks.count)
        for index in shares.indices { shares[index].superseded = superseded[index] }
        var upserts: [RowBatch.RowReference] = []
        upserts.reserveCapacity(entries.count)
        var deletes: [RowBatch.RowReference] = []
        for entry in entries {
            let reference = RowBatch.RowReference(chunk: entry.chunk, row: entry.operation.row)
            if entry.operation.isDelete {
                deletes.append(reference)
                shares[Int(entry.chunk)].deleted += 1
            } else {
                upserts.append(reference)
                shares[Int(entry.chunk)].upserted += 1
            }
        }
        let batch = RowBatch(
            chunks: chunks, tokens: tokens, shares: shares, upserts: upserts, deletes: deletes, operations: operations,
            versions: versions)
        entries.removeAll(keepingCapacity: true)
        chunks.removeAll(keepingCapacity: true)
        tokens.removeAll(keepingCapacity: true)
        superseded.removeAll(keepingCapacity: true)
        operations.removeAll(keepingCapacity: true)
        for index in slots.indices { slots[index] = 0 }
        byteCount = 0
        return batch
    }

    private func isFull(withAnother operation: RowOperation) -> Bool {
        !entries.isEmpty && (entries.count == maximumRows || byteCount + Int(operation.size) > maximumBytes)
    }

    /// - Parameter operation: the first of the chunk's operations that is not in a batch yet.
    private mutating func open(
        _ chunk: DecodedChunk, token: RowBatch.ChunkToken, from operation: Int32
    ) -> Int32 {
        chunks.append(chunk)
        tokens.append(token)
        operations.append(Int(operation)..<Int(operation))
        superseded.append(0)
        return Int32(chunks.count - 1)
    }

    private mutating func insert(_ operation: RowOperation, of chunk: Int32) {
        // The lane took the hash modulo the number of lanes: its low bits are alike here, so mix before masking.
        var slot = Int(truncatingIfNeeded: (operation.keyHash &* 0x9E37_79B9_7F4A_7C15) >> 32) & slotMask
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            let entry = entries[index]
            if chunks[Int(chunk)].hasSameKey(operation, as: entry.operation, of: chunks[Int(entry.chunk)]) {
                if let versions,
                    versions.version(of: operation, in: chunks[Int(chunk)])
                        < versions.version(of: entry.operation, in: chunks[Int(entry.chunk)])
                {
                    superseded[Int(chunk)] += 1
                    return
                }
                superseded[Int(entry.chunk)] += 1
                byteCount += Int(operation.size) - Int(entry.operation.size)
                entries[index] = Entry(operation: operation, chunk: chunk)
                return
            }
            slot = (slot + 1) & slotMask
        }
        slots[slot] = Int32(entries.count + 1)
        entries.append(Entry(operation: operation, chunk: chunk))
        byteCount += Int(operation.size)
    }
}
