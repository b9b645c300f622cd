package import BackfillCore

/// Writes batches, and cuts down those that the server does not take as they are, to the rows that it refuses.
package struct BatchWriter: Sendable {
    /// Writes rows, and repeats as the policy says what may mean a passing fault as well as the rows.
    ///
    /// - Returns: what was sent: the batch, or what is left of it without the rows that are older than the stored ones.
    package typealias Send =
        @Sendable (_ batch: RowBatch, _ unexpected: RetryPolicy?) async throws(StoreError) -> RowBatch

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
        /// Of the operations of each of the batch's chunks.
        var shares: [RowBatch.Share]
        /// What it has taken last: taken again, it shows that the server takes rows.
        var witness: RowBatch?
    }

    /// What has come of a row that is sent alone.
    private enum Answer {
        case sent(RowBatch)
        /// The server's words.
        case refused(String)
    }

    /// Fewer rows that are all refused say nothing of the others.
    private static let smallestConclusiveBatch = 10

    private let send: Send
    private let unavailable: RetryPolicy
    private let onCut: @Sendable (StoreError, _ rows: Int) -> Void

    /// - Parameters:
    ///   - unavailable: for how long an answer is asked for again that may mean a passing fault, when no other row shows
    ///     that the server works.
    ///   - onCut: called when a batch of so many rows is not taken as it is.
    package init(
        unavailable: RetryPolicy, onCut: @escaping @Sendable (StoreError, _ rows: Int) -> Void, send: @escaping Send
    ) {
        self.unavailable = unavailable
        self.onCut = onCut
        self.send = send
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
        let fault: StoreError
        do throws(StoreError) {
            return (try await send(batch, .unexpected).shares, [])
        } catch {
            guard error.concernsRows else { throw error }
            fault = error
        }
        var findings = Findings(shares: batch.shares)
        try await cut(batch, fault, &findings)
        let suspects = findings.suspects
        guard findings.witness != nil || suspects.count < Self.smallestConclusiveBatch else {
            if case .unexpected = fault { return (try await sendAfterAll(batch).shares, []) }
            throw .fatal("the server refuses every single one of \(suspects.count) rows: \(fault.words)")
        }
        var witness = findings.witness ?? earlier
        var shares = findings.shares
        var refusals: [Refusal] = []
        for suspect in suspects {
            let row = batch.single(suspect.operation)
            switch try await answer(to: row, witness) {
            case .sent(let sent):
                shares.leaveOut(of: row, allBut: sent)
                // From here on the earlier batch may hold an older row of this key.
                if sent.rowCount > 0 { witness = row }
            case .refused(let words):
                refusals.append(Refusal(operation: suspect.operation, words: words))
                shares.reject(suspect.operation, of: batch)
                try await writeReplaced(by: suspect.operation, of: batch, &witness, &shares, &refusals)
            }
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
                let sent = try await send(half, nil)
                findings.shares.leaveOut(of: half, allBut: sent)
                if sent.rowCount > 0 { findings.witness = sent }
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
            let row = batch.single(earlier)
            switch try await answer(to: row, witness) {
            case .sent(let sent):
                shares[earlier.chunk].upserted += sent.shares[earlier.chunk].upserted
                shares[earlier.chunk].deleted += sent.shares[earlier.chunk].deleted
                shares[earlier.chunk].newer += sent.shares[earlier.chunk].newer
                if sent.rowCount > 0 { witness = row }
                return
            case .refused(let words):
                shares[earlier.chunk].rejected += 1
                refusals.append(Refusal(operation: earlier, words: words))
                later = earlier
            }
        }
    }

    private func answer(to row: RowBatch, _ witness: RowBatch?) async throws(StoreError) -> Answer {
        while true {
            do throws(StoreError) {
                return .sent(try await send(row, .unexpected))
            } catch .unexpected(let words) {
                guard let witness else { return .sent(try await sendAfterAll(row)) }
                do throws(StoreError) {
                    // One whose stored rows are all newer by now is none any more.
                    guard try await send(witness, nil).rowCount > 0 else {
                        return .sent(try await sendAfterAll(row))
                    }
                    return .refused(words)
                } catch .unexpected {
                    // The server is in trouble and said nothing about the row.
                    _ = try await sendAfterAll(witness)
                }
            } catch {
                guard error.concernsRows else { throw error }
                return .refused(error.words)
            }
        }
    }

    /// Writes what the server may refuse for a reason of its own, once that has passed.
    private func sendAfterAll(_ batch: RowBatch) async throws(StoreError) -> RowBatch {
        do throws(StoreError) {
            return try await send(batch, unavailable)
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

    /// Counts as newer what was left out of a part of the batch and counted as sent.
    fileprivate mutating func leaveOut(of part: RowBatch, allBut sent: RowBatch) {
        for chunk in indices {
            let newer = sent.shares[chunk].newer - part.shares[chunk].newer
            self[chunk].upserted -= newer
            self[chunk].newer += newer
        }
    }
}
