public import BackfillCore

/// Takes everything and sends nothing.
public struct DryRunStore: VectorStore {
    private let schema: CollectionSchema

    public init(schema: CollectionSchema) {
        self.schema = schema
    }

    public func describe() async throws(StoreError) -> CollectionSchema { schema }

    public func encode(_ batch: RowBatch) -> EncodedBatch { EncodedBatch(requests: [], rows: batch.rowCount) }

    public func write(_ batch: EncodedBatch) async throws(StoreError) {}
}
