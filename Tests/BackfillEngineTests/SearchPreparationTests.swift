import BackfillCore
import BackfillEngine
import Logging
import Synchronization
import TestSupport
import Testing

@Suite("What is waited for before a collection is searched")
struct SearchPreparationTests {
    /// A server that needs its time.
    private final class SlowStore: UnaskedStore {
        /// nil: it does not tell.
        let flushes: [Bool]?
        /// One after the other, the last one from then on.
        let indexes: [IndexState]
        let loads: [LoadState]
        let calls = Mutex<[String]>([])
        let limits = ServerLimits(name: "slow")

        init(flushes: [Bool]? = [true], indexes: [IndexState], loads: [LoadState] = [.loaded]) {
            (self.flushes, self.indexes, self.loads) = (flushes, indexes, loads)
        }

        /// How often the call was made before.
        private func note(_ call: String) -> Int {
            calls.withLock { calls in
                calls.append(call)
                return calls.count { $0 == call } - 1
            }
        }

        func flush() async throws(StoreError) -> Flush {
            _ = note("flush")
            return Flush()
        }

        func hasEnded(_ flush: Flush) async throws(StoreError) -> Bool? {
            let index = note("hasEnded")
            return flushes.map { $0[min(index, $0.count - 1)] }
        }

        func indexStates() async throws(StoreError) -> [IndexState] {
            [indexes[min(note("index"), indexes.count - 1)]]
        }

        func load() async throws(StoreError) { _ = note("load") }

        func loadState() async throws(StoreError) -> LoadState { loads[min(note("loadState"), loads.count - 1)] }

        func count() async throws(StoreError) -> Int {
            _ = note("count")
            return 100
        }

    }

    private func index(_ total: Int, pending: Int, failure: String? = nil) -> IndexState {
        IndexState(
            field: "v", totalRows: total, indexedRows: total - pending, pendingRows: pending, failure: failure)
    }

    private func preparation(
        _ clock: TestClock, patience: Duration = .seconds(300)
    ) -> SearchPreparation<TestClock, SeededGenerator> {
        SearchPreparation(
            retry: Retry(.init(transient: nil), clock: clock, random: SeededGenerator(seed: 1)) { _, _ in },
            patience: patience, clock: clock, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test("the flush, then the index, then the load")
    func order() async throws {
        let store = SlowStore(
            flushes: [false, true], indexes: [index(100, pending: 100), index(100, pending: 0)],
            loads: [.notLoaded, .loading(percent: 50), .loaded])
        let outcome = try await preparation(TestClock()).prepare("c", in: store)
        #expect(outcome.isFlushConfirmed && outcome.rows == 100 && outcome.indexes == [index(100, pending: 0)])
        #expect(
            store.calls.withLock(\.self) == [
                "flush", "hasEnded", "hasEnded", "index", "index", "loadState", "load", "loadState", "loadState",
                "count",
            ])
    }

    @Test("where the server does not tell when a flush has ended, the index has to cover what is found")
    func untold() async throws {
        let store = SlowStore(
            flushes: nil, indexes: [index(0, pending: 0), index(99, pending: 0), index(150, pending: 0)])
        let outcome = try await preparation(TestClock()).prepare("c", in: store)
        #expect(!outcome.isFlushConfirmed && outcome.indexes == [index(150, pending: 0)])
        let calls = store.calls.withLock(\.self)
        #expect(calls == ["flush", "hasEnded", "loadState", "count", "index", "index", "index"])
    }

    @Test("a collection that is loaded, with however many replicas, is not loaded again")
    func loaded() async throws {
        let store = SlowStore(indexes: [])
        try await preparation(TestClock()).load("c", in: store)
        #expect(store.calls.withLock(\.self) == ["loadState"])
    }

    @Test("hours, as long as something moves")
    func slowButMoving() async throws {
        let clock = TestClock()
        let start = clock.now
        // Each state for less than the patience: 100 looks of two seconds.
        let steps = (0..<40).flatMap { step in
            [IndexState](repeating: index(1000, pending: 1000 - step * 25), count: 100)
        }
        let store = SlowStore(indexes: steps + [index(1000, pending: 0)])
        _ = try await preparation(clock).prepare("c", in: store)
        #expect(start.duration(to: clock.now) > .seconds(2 * 3600))
    }

    @Test("no longer than the patience where nothing moves")
    func stalled() async throws {
        let clock = TestClock()
        let start = clock.now
        let store = SlowStore(indexes: [index(1000, pending: 10)])
        await #expect(throws: FinishError.stalled("the indexing of collection `c`", .seconds(300))) {
            _ = try await preparation(clock).prepare("c", in: store)
        }
        let waited = start.duration(to: clock.now)
        #expect(waited >= .seconds(300) && waited < .seconds(310))
        #expect(store.calls.withLock { !$0.contains("load") })
        #expect(FinishError.stalled("", .zero).exitStatus == .temporarilyUnavailable)
    }

    @Test("not at all for an index that the server has given up")
    func failed() async throws {
        let store = SlowStore(indexes: [index(1000, pending: 10), index(1000, pending: 10, failure: "out of memory")])
        await #expect(throws: FinishError.indexFailed(field: "v", words: "out of memory")) {
            _ = try await preparation(TestClock()).prepare("c", in: store)
        }
    }
}
