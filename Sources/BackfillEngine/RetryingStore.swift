import BackfillCore

/// Repeats what may succeed later, with the same bytes, within the bounds of a policy.
struct RetryingStore<Base: VectorStore, Time: Clock<Duration>, Random: RandomNumberGenerator & Sendable>: VectorStore {
    let base: Base
    let clock: Time
    let random: Random
    /// Called before each pause.
    let onRetry: @Sendable (_ error: StoreError, _ pause: Duration) -> Void

    func describe() async throws(StoreError) -> CollectionSchema {
        try await repeating { () async throws(StoreError) in try await base.describe() }
    }

    func encode(_ batch: RowBatch) -> EncodedBatch { base.encode(batch) }

    func write(_ batch: EncodedBatch) async throws(StoreError) {
        try await repeating { () async throws(StoreError) in try await base.write(batch) }
    }

    private func repeating<Result>(
        _ attempt: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        var random = random
        var attempts = 0
        var firstFailure: Time.Instant?
        while true {
            do throws(StoreError) {
                return try await attempt()
            } catch {
                let policy: RetryPolicy
                switch error {
                case .transient: policy = .transient
                case .quota: policy = .quota
                case .tooLarge, .refusedRows, .missing, .fatal, .cancelled: throw error
                }
                attempts += 1
                let now = clock.now
                let elapsed = (firstFailure ?? now).duration(to: now)
                firstFailure = firstFailure ?? now
                guard let pause = policy.delay(afterAttempt: attempts, elapsed: elapsed, using: &random) else {
                    throw error
                }
                onRetry(error, pause)
                do {
                    try await clock.sleep(for: pause)
                } catch {
                    throw .cancelled
                }
            }
        }
    }
}
