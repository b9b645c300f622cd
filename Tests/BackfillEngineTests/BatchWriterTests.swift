import BackfillCore
import BackfillEngine
import Synchronization
import TestSupport
import Testing

@Suite("A batch that the server does not take as it is")
struct BatchWriterTests {
    private typealias Patient = RetryingStore<FakeStore, TestClock, SeededGenerator>

    /// Where an operation stands in the source of a test.
    private struct Place: Hashable {
        var chunk: Int
        var operation: Int
    }

    private func writer(_ store: FakeStore) -> BatchWriter {
        BatchWriter(unavailable: .transient(deadline: .seconds(300)), onCut: { _, _ in }) {
            batch, unexpected throws(StoreError) in
            let patient = Patient(
                base: store,
                retry: Retry(
                    .init(transient: .transient(deadline: .seconds(300)), unexpected: unexpected), clock: TestClock(),
                    random: SeededGenerator(seed: 3)
                ) { _, _ in })
            try await patient.write(patient.encode(batch))
            return batch
        }
    }

    private func batch(_ chunks: [[TestOperation]]) throws -> RowBatch {
        var builder = BatchBuilder(maximumRows: 10_000, maximumBytes: 1 << 20)
        for (sequence, operations) in chunks.enumerated() {
            builder.add(.of(operations, hash: .good), token: .init(unit: 0, sequence: sequence), lane: 0) { _ in
                Issue.record("nothing is full")
            }
        }
        let batch = builder.take()
        return try #require(batch)
    }

    private func upserts(_ keys: Range<Int64>) -> [TestOperation] {
        keys.map { TestOperation(key: .integer($0), version: $0, size: 1) }
    }

    @Test("leaves each key's last good record, and counts every operation once", arguments: UInt64(1)...300)
    func randomBatches(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let refusals = random.number(2...30)
        var refusedVersions: Set<Int64> = []
        let refusedKeys: Set<TestKey> = random.oneIn(3) ? [.integer(1), .integer(7)] : []
        var version: Int64 = 0
        var expected: [TestKey: Int64] = [:]
        var chunks: [[TestOperation]] = []
        for _ in 0..<random.number(1...8) {
            chunks.append(
                (0..<random.number(1...80)).map { _ in
                    version += 1
                    let key = TestKey.integer(Int64(random.number(0...40)))
                    let operation = TestOperation(key: key, version: random.oneIn(4) ? nil : version, size: 1)
                    if operation.version != nil, random.oneIn(refusals) {
                        refusedVersions.insert(version)
                    } else if operation.version != nil || !refusedKeys.contains(key) {
                        expected[key] = operation.version
                    }
                    return operation
                })
        }
        let store = FakeStore(
            refusedVersions: refusedVersions, refusedKeys: refusedKeys, mostRows: random.number(3...60),
            oneFaultIn: random.oneIn(2) ? .max : 6, seed: seed)
        let writer = writer(store)
        var builder = BatchBuilder(maximumRows: random.number(1...100), maximumBytes: 1 << 20)
        var batches: [RowBatch] = []
        for (sequence, operations) in chunks.enumerated() {
            builder.add(.of(operations, hash: .good), token: .init(unit: 0, sequence: sequence), lane: 0) {
                batches.append($0)
            }
        }
        if let last = builder.take() { batches.append(last) }

        var rejected: Set<Place> = []
        var earlier: RowBatch?
        var settled = [RowBatch.ChunkToken: Int]()
        for batch in batches {
            let (shares, refusals) = try await writer.write(batch, after: earlier)
            earlier = refusals.isEmpty ? batch : nil
            #expect(shares.map(\.total) == batch.shares.map(\.total), "seed \(seed)")
            #expect(shares.reduce(0) { $0 + $1.rejected } == refusals.count, "seed \(seed)")
            #expect(
                shares.allSatisfy { $0.upserted >= 0 && $0.deleted >= 0 && $0.superseded >= 0 && $0.rejected >= 0 },
                "seed \(seed)")
            for (token, share) in zip(batch.tokens, shares) { settled[token, default: 0] += share.total }
            for refusal in refusals {
                let operation = batch.operation(refusal.operation)
                let sequence = batch.tokens[refusal.operation.chunk].sequence
                let source = chunks[sequence][Int(operation.record)]
                #expect(
                    source.version.map(refusedVersions.contains) ?? refusedKeys.contains(source.key),
                    "seed \(seed): a good row was refused")
                rejected.insert(Place(chunk: sequence, operation: Int(operation.record)))
            }
            #expect(Set(refusals.map(\.operation)).count == refusals.count, "seed \(seed)")
        }
        #expect(store.state.withLock(\.rows) == expected, "seed \(seed)")
        for (sequence, operations) in chunks.enumerated() {
            #expect(settled[.init(unit: 0, sequence: sequence)] == operations.count, "seed \(seed)")
        }
        // Whatever is refused and was not replaced by a later record of its key has to be rejected.
        var last: [TestKey: Place] = [:]
        for (chunk, operations) in chunks.enumerated() {
            for (index, operation) in operations.enumerated() {
                last[operation.key] = Place(chunk: chunk, operation: index)
            }
        }
        for (key, place) in last {
            let version = chunks[place.chunk][place.operation].version
            let isRefused = version.map(refusedVersions.contains) ?? refusedKeys.contains(key)
            #expect(!isRefused || rejected.contains(place), "seed \(seed): a refused row was passed over")
        }
    }

    @Test("is cut in few requests")
    func fewRequests() async throws {
        let store = FakeStore(refusedVersions: [777])
        let (_, refusals) = try await writer(store).write(try batch([upserts(0..<2000)]), after: nil)
        #expect(refusals.map(\.words) == ["a bad row"])
        #expect(store.state.withLock(\.rows).count == 1999)
        #expect(store.state.withLock(\.requests) < 30)
    }

    @Test("of which the server refuses every row rejects none of them")
    func everythingIsRefused() async throws {
        let store = FakeStore(refusedVersions: Set(0..<50))
        let batch = try batch([upserts(0..<50)])
        await #expect {
            _ = try await writer(store).write(batch, after: nil)
        } throws: { error in
            guard case .fatal(let text) = error as? StoreError else { return false }
            return text.contains("every single one of 50 rows") && text.contains("a bad row")
        }
    }

    @Test("and has only a few rows may have only bad ones")
    func fewRows() async throws {
        let store = FakeStore(refusedVersions: Set(0..<3))
        let (shares, refusals) = try await writer(store).write(try batch([upserts(0..<3)]), after: nil)
        #expect(refusals.count == 3)
        #expect(shares.map(\.rejected) == [3])
    }

    @Test("for words that may mean anything is blamed on a row only when the server takes something else")
    func unexpectedWords() async throws {
        let store = FakeStore(unexpectedVersions: [5])
        let (_, refusals) = try await writer(store).write(try batch([upserts(5..<6)]), after: batch([upserts(0..<1)]))
        #expect(refusals.count == 1)
        await #expect(throws: StoreError.transient("something unexpected")) {
            _ = try await writer(store).write(try batch([upserts(5..<6)]), after: nil)
        }
        let away = FakeStore(unexpectedVersions: Set(0..<100))
        for earlier in [nil, try batch([upserts(0..<1)])] {
            await #expect(throws: StoreError.transient("something unexpected")) {
                _ = try await writer(away).write(try batch([upserts(1..<100)]), after: earlier)
            }
        }
    }

    @Test("because a single row is too large rejects that row")
    func tooLargeARow() async throws {
        let store = FakeStore(mostRows: 0)
        let (_, refusals) = try await writer(store).write(try batch([upserts(0..<1)]), after: nil)
        #expect(refusals.count == 1)
    }
}
