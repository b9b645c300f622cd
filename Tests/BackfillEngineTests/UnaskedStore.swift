import BackfillCore

/// A server that a test asks little: whatever it does not implement fails.
protocol UnaskedStore: CollectionStore {}

extension UnaskedStore {
    private var unasked: StoreError { .fatal("not asked for") }

    var limits: ServerLimits { ServerLimits(name: "unasked") }

    func describe() async throws(StoreError) -> CollectionSchema { throw unasked }
    func describe(_ collection: String) async throws(StoreError) -> CollectionSchema { throw unasked }
    func encode(_ batch: RowBatch) -> EncodedBatch { EncodedBatch(requests: [], rows: 0) }
    func write(_ batch: EncodedBatch) async throws(StoreError) { throw unasked }
    func definition(of collection: String) async throws(StoreError) -> CollectionDefinition { throw unasked }
    func create(_ definition: CollectionDefinition) async throws(StoreError) { throw unasked }
    func hasPartition(_ name: String) async throws(StoreError) -> Bool { throw unasked }
    func createPartition(_ name: String) async throws(StoreError) { throw unasked }
    func load() async throws(StoreError) { throw unasked }
    func loadState() async throws(StoreError) -> LoadState { throw unasked }
    func count() async throws(StoreError) -> Int { throw unasked }
    func query(_ query: RowQuery) async throws(StoreError) -> [Column] { throw unasked }
    func flush() async throws(StoreError) -> Flush { throw unasked }
    func hasEnded(_ flush: Flush) async throws(StoreError) -> Bool? { throw unasked }
    func indexStates() async throws(StoreError) -> [IndexState] { throw unasked }
    func collection(ofAlias alias: String) async throws(StoreError) -> String? { throw unasked }
    func setAlias(_ alias: String) async throws(StoreError) { throw unasked }
}
