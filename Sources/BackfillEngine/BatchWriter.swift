package import BackfillCore

/// Writes batches, and cuts down those that the server does not take as they are, to the rows that it refuses.
package struct BatchWriter<Store: VectorStore>: Sendable {
    /// An operation that the server refuses.
    package struct Refusal: Sendable {
        package var operation: RowBatch.OperationReference
        /// The server's words.
        package var words: String
    }

    /// What has come of a batch that was cut down.
    private struct Findings {
        /// Rows that the server does not take alone.
        var suspects: [(operation: RowBatch.OperationReference, fault: StoreError)] = []
        /// What it has taken last: taken again, it shows that the server takes rows.
        var witness: RowBatch?
    }

    /// Fewer rows that are all refused say nothing of the others.
    private static var smallestConclusiveBatch: Int { 10 }

    /// Repeats for a moment what may mean a passing fault as well as the rows.
    private let store: Store
    /// Does not repeat it.
    private let probe: Store
    /// Repeats it for as long as a server may be away.
    private let lasting: Store
    private let onCut: @Sendable (StoreError, _ rows: Int) -> Void

    /// - Parameters:
    ///   - unavailable: for how long an answer is asked for again that may mean a passing fault, when no other row shows
    ///     that the server works.
    ///   - onCut: called when a batch of so many rows is not taken as it is.
    ///   - store: makes a store that repeats such an answer as the policy says.
    package init(
        unavailable: RetryPolicy, onCut: @escaping @Sendable (StoreError, _ rows: Int) -> Void,
        store: (_ unexpected: RetryPolicy?) -> Store
    ) {
        self.store = store(.unexpected)
        self.probe = store(nil)
        self.lasting = store(unavailable)
        self.onCut = onCut
    }

    /// Writes a batch.
    ///
    /// A row is only taken for refused when the server refuses it alone, and again after it has had the others. Where its
    /// words may also mean a passing fault, it must take something else right after that.
    ///
    /// - Parameter earlier: the batch of the same lane that was written whole before, to be written again where nothing
    ///   of this batch shows that the server works: nothing of its keys has been written since.
    /// - Returns: what has become of the operations of each of the batch's chunks, and those that the server refuses.
    /// - Throws: `StoreError`, also when the server refuses everything that a larger batch holds.
    package func write(
        _ batch: RowBatch, after earlier: RowBatch?
    ) async throws(StoreError) -> (shares: [RowBatch.Share], refusals: [Refusal]) {
        // Of a batch whose stored rows are all newer nothing is sent.
        guard batch.rowCount > 0 else { return (batch.shares, []) }
        let fault: StoreError
        do throws(StoreError) {
            try await store.write(store.encode(batch))
            return (batch.shares, [])
        } catch {
            guard error.concernsRows else { throw error }
            fault = error
        }
        var findings = Findings()
        try await cut(batch, fault, &findings)
        guard findings.witness != nil || batch.rowCount < Self.smallestConclusiveBatch else {
            if case .unexpected = fault {
                try await writeAfterAll(batch)
                return (batch.shares, [])
            }
            throw .fatal("the server refuses every single one of \(batch.rowCount) rows: \(fault.words)")
        }
        var witness = findings.witness ?? earlier
        var shares = batch.shares
        var refusals: [Refusal] = []
        for suspect in findings.suspects {
            let row = batch.single(suspect.operation)
            guard let words = try await refusal(of: row, witness) else {
                // From here on the earlier batch may hold an older row of this key.
                witness = row
                continue
            }
            refusals.append(Refusal(operation: suspect.operation, words: words))
            shares.reject(suspect.operation, of: batch)
            try await writeReplaced(by: suspect.operation, of: batch, &witness, &shares, &refusals)
        }
        return (shares, refusals)
    }

    /// Finds the rows that the server refuses and writes the others.
    private func cut(_ batch: RowBatch, _ fault: StoreError, _ findings: inout Findings) async throws(StoreError) {
        guard let (first, second) = batch.halves() else {
            guard let operation = batch.onlyOperation else {
                preconditionFailure("A batch that cannot be halved has one operation.")
            }
            findings.suspects.append((operation, fault))
            return
        }
        onCut(fault, batch.rowCount)
        for half in [first, second] {
            do throws(StoreError) {
                try await probe.write(probe.encode(half))
                findings.witness = half
            } catch {
                guard error.concernsRows else { throw error }
                try await cut(half, error, &findings)
            }
        }
    }

    /// The key's last record that can be written is the one that counts, also where a refused one had replaced it.
    private func writeReplaced(
        by refused: RowBatch.OperationReference, of batch: RowBatch, _ witness: inout RowBatch?,
        _ shares: inout [RowBatch.Share], _ refusals: inout [Refusal]
    ) async throws(StoreError) {
        var later = refused
        while let earlier = batch.replaced(by: later) {
            shares[earlier.chunk].superseded -= 1
            guard !batch.isOlderThanStored(earlier) else {
                shares[earlier.chunk].newer += 1
                return
            }
            let row = batch.single(earlier)
            guard let words = try await refusal(of: row, witness) else {
                witness = row
                if batch.operation(earlier).isDelete {
                    shares[earlier.chunk].deleted += 1
                } else {
                    shares[earlier.chunk].upserted += 1
                }
                return
            }
            shares[earlier.chunk].rejected += 1
            refusals.append(Refusal(operation: earlier, words: words))
            later = earlier
        }
    }

    /// The words with which the server refuses a row; nil when it has taken it.
    private func refusal(of row: RowBatch, _ witness: RowBatch?) async throws(StoreError) -> String? {
        while true {
            do throws(StoreError) {
                try await store.write(store.encode(row))
                return nil
            } catch .unexpected(let words) {
                guard let witness else {
                    try await writeAfterAll(row)
                    return nil
                }
                do throws(StoreError) {
                    try await probe.write(probe.encode(witness))
                    return words
                } catch .unexpected {
                    // The server is in trouble and said nothing about the row.
                    try await writeAfterAll(witness)
                }
            } catch {
                guard error.concernsRows else { throw error }
                return error.words
            }
        }
    }

    /// Writes what the server may refuse for a reason of its own, once that has passed.
    private func writeAfterAll(_ batch: RowBatch) async throws(StoreError) {
        do throws(StoreError) {
            try await lasting.write(lasting.encode(batch))
        } catch .unexpected(let words) {
            throw .transient(words)
        }
    }
}

extension StoreError {
    /// Whether it may be some of the rows that the server does not take.
    fileprivate var concernsRows: Bool {
        switch self {
        case .refusedRows, .unexpected, .tooLarge: true
        case .transient, .quota, .missing, .schemaChanged, .fatal, .cancelled: false
        }
    }
}

extension [RowBatch.Share] {
    /// Counts an operation of the batch as rejected that counted as sent.
    fileprivate mutating func reject(_ operation: RowBatch.OperationReference, of batch: RowBatch) {
        if batch.operation(operation).isDelete {
            self[operation.chunk].deleted -= 1
        } else {
            self[operation.chunk].upserted -= 1
        }
        self[operation.chunk].rejected += 1
    }
}
