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

    /// The last operation that was left out of the batch because this later one of the same key replaces it; nil when
    /// there is none.
    public func replaced(by reference: OperationReference) -> OperationReference? {
        let later = operation(reference)
        for chunk in (0...reference.chunk).reversed() {
            let operations = chunks[chunk].operations
            let end = chunk == reference.chunk ? reference.operation : operations.count
            let first = Int(firstOperations[chunk])
            guard first < end else { continue }
            for index in (first..<end).reversed()
            where chunks[chunk].hasSameKey(operations[index], as: later, of: chunks[reference.chunk]) {
                return OperationReference(chunk: chunk, operation: index)
            }
        }
        return nil
    }

    /// A batch that sends one operation.
    public func single(_ reference: OperationReference) -> RowBatch {
        let operation = operation(reference)
        let row = RowReference(chunk: Int32(reference.chunk), row: operation.row)
        var shares = [Share](repeating: Share(), count: chunks.count)
        if operation.isDelete { shares[reference.chunk].deleted = 1 } else { shares[reference.chunk].upserted = 1 }
        return RowBatch(
            chunks: chunks, tokens: tokens, shares: shares, upserts: operation.isDelete ? [] : [row],
            deletes: operation.isDelete ? [row] : [], firstOperations: firstOperations)
    }
}
