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
        do {
            try await pacer.wait(forRows: batch.rows)
            try await gate.enter()
        } catch {
            throw .cancelled
        }
        let clock = ContinuousClock()
        let start = clock.now
        do throws(StoreError) {
            try await base.write(batch)
        } catch {
            gate.leave { window in
                switch error {
                case .transient, .quota: window.pressed()
                case .tooLarge, .refusedRows, .unexpected, .missing, .schemaChanged, .fatal, .cancelled: break
                }
            }
            throw error
        }
        let latency = start.duration(to: clock.now)
        gate.leave { $0.acknowledged(bytes: batch.bytes, after: latency) }
        onAcknowledged(batch, latency)
    }
}
