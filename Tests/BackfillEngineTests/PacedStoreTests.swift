import BackfillCore
import BackfillEngine
import Synchronization
import TestSupport
import Testing

@Suite("Requests that are paced")
struct PacedStoreTests {
    /// Counts the requests in flight, and fails where it is told to.
    private final class CountingStore: VectorStore {
        struct State {
            var inFlight = 0
            var most = 0
            var writes = 0
        }

        let fault: @Sendable (_ write: Int) -> StoreError?
        let state = Mutex(State())

        init(fault: @escaping @Sendable (_ write: Int) -> StoreError? = { _ in nil }) {
            self.fault = fault
        }

        func describe() async throws(StoreError) -> CollectionSchema { throw .fatal("not asked for") }

        func encode(_ batch: RowBatch) -> EncodedBatch { EncodedBatch(requests: [], rows: batch.rowCount) }

        func write(_ batch: EncodedBatch) async throws(StoreError) {
            let number = state.withLock { state in
                state.inFlight += 1
                state.most = max(state.most, state.inFlight)
                state.writes += 1
                return state.writes
            }
            defer { state.withLock { $0.inFlight -= 1 } }
            do {
                try await Task.sleep(for: .milliseconds(2))
            } catch {
                throw .cancelled
            }
            if let error = fault(number) { throw error }
        }
    }

    private func paced(_ store: CountingStore, maximum: Int, rate: Double? = nil) -> PacedStore<CountingStore> {
        PacedStore(base: store, gate: RequestGate(maximum: maximum), pacer: RatePacer(rowsPerSecond: rate)) { _, _ in }
    }

    private let batch = EncodedBatch(requests: [.upsert([1, 2, 3])], rows: 10)

    @Test("are never more at a time than the maximum, and reach it", arguments: [1, 3, 8])
    func maximum(maximum: Int) async throws {
        let store = CountingStore()
        let paced = paced(store, maximum: maximum)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask { for _ in 0..<20 { try await paced.write(batch) } }
            }
            try await group.waitForAll()
        }
        #expect(store.state.withLock(\.most) == maximum)
        #expect(store.state.withLock(\.writes) == 320)
    }

    @Test("become fewer while the server is under pressure")
    func pressure() async throws {
        let store = CountingStore { write in write.isMultiple(of: 3) ? .transient("busy") : nil }
        let paced = paced(store, maximum: 16)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask { for _ in 0..<20 { try? await paced.write(batch) } }
            }
        }
        #expect(store.state.withLock(\.most) <= 8)
        #expect(paced.gate.size <= 4)
    }

    @Test("that wait end when they are cancelled, and let others pass")
    func cancellation() async throws {
        let store = CountingStore()
        let paced = paced(store, maximum: 1)
        let waiting = (0..<50).map { _ in
            Task { () -> Bool in
                do throws(StoreError) {
                    try await paced.write(batch)
                    return true
                } catch {
                    return false
                }
            }
        }
        for (number, task) in waiting.enumerated() where number.isMultiple(of: 2) { task.cancel() }
        for (number, task) in waiting.enumerated() where !number.isMultiple(of: 2) { #expect(await task.value) }
        for task in waiting { _ = await task.value }
        try await paced.write(batch)
        #expect(store.state.withLock(\.inFlight) == 0)
    }

    @Test("keep to the job's rate, which may change meanwhile")
    func rate() async throws {
        let store = CountingStore()
        let paced = paced(store, maximum: 4, rate: 0.001)
        let clock = ContinuousClock()
        let start = clock.now
        try await paced.write(batch)
        // At this rate the next one would wait for hours.
        async let second: Void = paced.write(batch)
        try await Task.sleep(for: .milliseconds(100))
        #expect(store.state.withLock(\.writes) == 1)
        paced.pacer.rowsPerSecond = nil
        try await second
        #expect(start.duration(to: clock.now) < .seconds(3600))
    }
}
