import BackfillCore
import Synchronization
import TestSupport

/// Holds the version of each key, and refuses some rows wherever they stand.
final class FakeStore: VectorStore {
    struct State {
        var rows: [TestKey: Int64] = [:]
        var batches: [RowBatch] = []
        var random: SeededGenerator
        /// Answers one after the other that were faults, so that there are never too many.
        var faults = 0
        var requests = 0
    }

    /// Upserts of these versions, and tombstones of these keys, are refused.
    let refusedVersions: Set<Int64>
    let refusedKeys: Set<TestKey>
    /// Upserts of these versions are answered with words that may mean anything.
    let unexpectedVersions: Set<Int64>
    /// More rows than that are too large a request.
    let mostRows: Int
    /// How seldom an answer is a fault that passes.
    let oneFaultIn: Int
    let state: Mutex<State>

    init(
        refusedVersions: Set<Int64> = [], refusedKeys: Set<TestKey> = [], unexpectedVersions: Set<Int64> = [],
        mostRows: Int = .max, oneFaultIn: Int = .max,
        seed: UInt64 = 1
    ) {
        self.refusedVersions = refusedVersions
        self.refusedKeys = refusedKeys
        self.unexpectedVersions = unexpectedVersions
        self.mostRows = mostRows
        self.oneFaultIn = oneFaultIn
        self.state = Mutex(State(random: SeededGenerator(seed: seed)))
    }

    func describe() async throws(StoreError) -> CollectionSchema {
        CollectionSchema(name: "fake", id: 1, fields: [], hasDynamicField: false)
    }

    func encode(_ batch: RowBatch) -> EncodedBatch {
        state.withLock { state in
            state.batches.append(batch)
            return EncodedBatch(
                requests: [.upsert(Array("\(state.batches.count - 1)".utf8))], rows: batch.rowCount)
        }
    }

    func write(_ batch: EncodedBatch) async throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            state.requests += 1
            if oneFaultIn < .max, state.faults < 3, state.random.oneIn(oneFaultIn) {
                state.faults += 1
                throw state.random.oneIn(2) ? .unexpected("a passing fault") : .transient("away")
            }
            state.faults = 0
            guard let bytes = batch.requests.first?.bytes, let index = Int(String(decoding: bytes, as: UTF8.self))
            else {
                throw .fatal("not a request of this store")
            }
            let rows = state.batches[index]
            guard !rows.upsertedRows.contains(where: { unexpectedVersions.contains($0.version) }) else {
                throw .unexpected("something unexpected")
            }
            guard rows.rowCount <= mostRows else { throw .tooLarge("\(rows.rowCount) rows") }
            guard !rows.upsertedRows.contains(where: { refusedVersions.contains($0.version) }),
                !rows.deletedKeys.contains(where: refusedKeys.contains)
            else { throw .refusedRows("a bad row") }
            rows.apply(to: &state.rows)
        }
    }
}
