/// What a batch is made of, for the rare case that the server refuses some of it.
extension RowBatch {
    /// An operation of one of the batch's chunks.
    public struct OperationReference: Sendable, Hashable {
        /// Index into `RowBatch.chunks`.
        public var chunk: Int
        /// Index into the chunk's operations.
        public var operation: Int
    }

    /// How many rows and keys are sent.
    public var rowCount: Int { upserts.count + deletes.count }

    /// The operation of a batch that has only one.
    public var onlyOperation: OperationReference? {
        guard rowCount == 1, let reference = upserts.first ?? deletes.first else { return nil }
        let chunk = Int(reference.chunk)
        let isDelete = upserts.isEmpty
        // Only ever asked for a row that is refused, so a search does.
        return chunks[chunk].operations.firstIndex { $0.row == reference.row && $0.isDelete == isDelete }
            .map { OperationReference(chunk: chunk, operation: $0) }
    }

    public func operation(_ reference: OperationReference) -> RowOperation {
        chunks[reference.chunk].operations[reference.operation]
    }

    /// The operation that counts when this one cannot be written: the last one of its key in the batch, or where rows
    /// have versions the newest one, of those that were left out because this one replaces them; nil when there is none.
    public func replaced(by reference: OperationReference) -> OperationReference? {
        let replacing = operation(reference)
        let limit = rank(of: reference)
        var best: OperationReference?
        for chunk in chunks.indices {
            for index in operations[chunk]
            where chunks[chunk].hasSameKey(chunks[chunk].operations[index], as: replacing, of: chunks[reference.chunk])
            {
                let candidate = OperationReference(chunk: chunk, operation: index)
                if rank(of: candidate) < limit, best.map({ rank(of: $0) < rank(of: candidate) }) ?? true {
                    best = candidate
                }
            }
        }
        return best
    }

    /// Of two operations of a key the one with the higher rank counts.
    private func rank(of reference: OperationReference) -> (RowVersion, chunk: Int, operation: Int) {
        (version(of: reference), reference.chunk, reference.operation)
    }

    private func version(of reference: OperationReference) -> RowVersion {
        versions?.version(of: operation(reference), in: chunks[reference.chunk]) ?? .none
    }

    /// A batch that sends one operation.
    public func single(_ reference: OperationReference) -> RowBatch {
        let operation = operation(reference)
        let row = RowReference(chunk: Int32(reference.chunk), row: operation.row)
        var shares = [Share](repeating: Share(), count: chunks.count)
        if operation.isDelete { shares[reference.chunk].deleted = 1 } else { shares[reference.chunk].upserted = 1 }
        return part(
            shares: shares, upserts: operation.isDelete ? [] : [row], deletes: operation.isDelete ? [row] : [])
    }
}

/// What a batch is made of, for a job whose rows do not replace newer ones.
extension RowBatch {
    /// The keys of the rows that are sent.
    public var upsertedKeys: [PrimaryKey] { upserts.map(key) }

    /// The batch without the rows that are older than the stored ones of their keys.
    ///
    /// - Parameter stored: how new those are; a key without a row is left out.
    public func leavingOutOlder(than stored: [PrimaryKey: RowVersion]) -> RowBatch {
        var shares = shares
        var rest: [RowReference] = []
        for reference in upserts {
            let chunk = Int(reference.chunk)
            if let versions, let current = stored[key(reference)],
                versions.version(ofRow: reference.row, in: chunks[chunk]) < current
            {
                shares[chunk].upserted -= 1
                shares[chunk].newer += 1
            } else {
                rest.append(reference)
            }
        }
        return part(shares: shares, upserts: rest, deletes: deletes)
    }

    private func key(_ reference: RowReference) -> PrimaryKey {
        let chunk = chunks[Int(reference.chunk)]
        return chunk.columns[chunk.keyColumn].key(ofRow: Int(reference.row))
    }
}
