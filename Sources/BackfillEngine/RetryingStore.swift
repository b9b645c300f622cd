package import BackfillCore

/// Repeats what may succeed later, with the same bytes.
package struct RetryingStore<Base: VectorStore, Time: Clock<Duration>, Random: RandomNumberGenerator & Sendable>:
    VectorStore
{
    package let base: Base
    package let retry: Retry<Time, Random>

    package init(base: Base, retry: Retry<Time, Random>) {
        self.base = base
        self.retry = retry
    }

    package func describe() async throws(StoreError) -> CollectionSchema {
        try await retry { () async throws(StoreError) in try await base.describe() }
    }

    package func encode(_ batch: RowBatch) -> EncodedBatch { base.encode(batch) }

    package func write(_ batch: EncodedBatch) async throws(StoreError) {
        try await retry { () async throws(StoreError) in try await base.write(batch) }
    }
}
