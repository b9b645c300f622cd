/// What one write carries: rows of one lane, at most one for each key.
public struct RowBatch: Sendable {
    /// A row of one of the batch's chunks.
    public struct RowReference: Sendable {
        /// Index into `RowBatch.chunks`.
        public var chunk: Int32
        /// Row of the chunk's columns, or of its deleted keys.
        public var row: Int32
    }

    /// How many of a chunk's operations the batch settles, and as what.
    public struct Share: Sendable, Equatable {
        public var upserted = 0
        public var deleted = 0
        public var superseded = 0
        /// Refused by the server, and kept in the reject file.
        public var rejected = 0
        /// Left out because the stored row is newer.
        public var newer = 0

        public init() {}

        public var total: Int { upserted + deleted + superseded + rejected + newer }
    }

    /// Names a chunk to the tracker that waits for it.
    public struct ChunkToken: Sendable, Hashable {
        public var unit: Int
        public var sequence: Int

        public init(unit: Int, sequence: Int) {
            self.unit = unit
            self.sequence = sequence
        }
    }

    public let chunks: [DecodedChunk]
    public let tokens: [ChunkToken]
    /// One for each of `chunks`.
    public let shares: [Share]
    public let upserts: [RowReference]
    public let deletes: [RowReference]
    /// For each of `chunks` its operations that may be in the batch; earlier ones went before, later ones come after.
    let operations: [Range<Int>]
    /// How new rows are, where an older one must not replace a newer one.
    let versions: RowVersions?

    /// The batch cut in two, for a server that finds it too large; nil when it holds one row only. What the batch
    /// settles beyond its rows goes with the second part.
    public func halves() -> (RowBatch, RowBatch)? {
        let rows = upserts.count + deletes.count
        guard rows > 1 else { return nil }
        let firstUpserts = Array(upserts.prefix((rows + 1) / 2))
        let firstDeletes = Array(deletes.prefix((rows + 1) / 2 - firstUpserts.count))
        var firstShares = [Share](repeating: Share(), count: chunks.count)
        for reference in firstUpserts { firstShares[Int(reference.chunk)].upserted += 1 }
        for reference in firstDeletes { firstShares[Int(reference.chunk)].deleted += 1 }
        let secondShares = zip(shares, firstShares).map { whole, first in
            var rest = whole
            rest.upserted -= first.upserted
            rest.deleted -= first.deleted
            return rest
        }
        return (
            part(shares: firstShares, upserts: firstUpserts, deletes: firstDeletes),
            part(
                shares: secondShares, upserts: Array(upserts.dropFirst(firstUpserts.count)),
                deletes: Array(deletes.dropFirst(firstDeletes.count)))
        )
    }

    /// A batch of some of this one's rows.
    func part(shares: [Share], upserts: [RowReference], deletes: [RowReference]) -> RowBatch {
        RowBatch(
            chunks: chunks, tokens: tokens, shares: shares, upserts: upserts, deletes: deletes, operations: operations,
            versions: versions)
    }
}
