package import BackfillCore

/// Sends no more at a time than the server keeps up with, and no faster than the job allows.
package struct PacedStore<Base: VectorStore>: VectorStore {
    package let base: Base
    package let gate: RequestGate
    package let pacer: RatePacer
    private let onAcknowledged: @Sendable (EncodedBatch, Duration) -> Void

    /// - Parameter onAcknowledged: called for every batch that the server has acknowledged, with the time that took.
    package init(
        base: Base, gate: RequestGate, pacer: RatePacer,
        onAcknowledged: @escaping @Sendable (EncodedBatch, Duration) -> Void
    ) {
        self.base = base
        self.gate = gate
        self.pacer = pacer
        self.onAcknowledged = onAcknowledged
    }

    package func describe() async throws(StoreError) -> CollectionSchema { try await base.describe() }

    package func encode(_ batch: RowBatch) -> EncodedBatch { base.encode(batch) }

    package func write(_ batch: EncodedBatch) async throws(StoreError) {
        try await takeTurn(forRows: batch.rows)
        try await send(batch)
    }

    /// Writes those rows of a batch that are chosen when it may be sent, so that nothing but the choice itself lies between
    /// what it looks at and the write.
    ///
    /// The choice may ask the server: it has the write's place among the requests in flight.
    ///
    /// - Returns: what was sent.
    package func write(
        _ batch: RowBatch, choosing choose: (RowBatch) async throws(StoreError) -> RowBatch
    ) async throws(StoreError) -> RowBatch {
        try await takeTurn(forRows: batch.rowCount)
        let chosen: RowBatch
        do throws(StoreError) {
            chosen = try await choose(batch)
        } catch {
            pacer.giveBack(rows: batch.rowCount)
            leave(after: error)
            throw error
        }
        pacer.giveBack(rows: batch.rowCount - chosen.rowCount)
        guard chosen.rowCount > 0 else {
            gate.leave { _ in }
            return chosen
        }
        try await send(base.encode(chosen))
        return chosen
    }

    private func takeTurn(forRows rows: Int) async throws(StoreError) {
        do {
            try await pacer.wait(forRows: rows)
            try await gate.enter()
        } catch {
            throw .cancelled
        }
    }

    /// Sends a batch whose turn it is, which ends with that.
    private func send(_ batch: EncodedBatch) async throws(StoreError) {
        let clock = ContinuousClock()
        let start = clock.now
        do throws(StoreError) {
            try await base.write(batch)
        } catch {
            leave(after: error)
            throw error
        }
        let latency = start.duration(to: clock.now)
        gate.leave { $0.acknowledged(bytes: batch.bytes, after: latency) }
        onAcknowledged(batch, latency)
    }

    private func leave(after error: StoreError) {
        gate.leave { window in
            switch error {
            case .transient, .quota: window.pressed()
            case .tooLarge, .refusedRows, .unexpected, .missing, .schemaChanged, .fatal, .cancelled: break
            }
        }
    }
}
