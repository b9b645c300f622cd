import BackfillCore
import BackfillEngine
import Synchronization
import TestSupport
import Testing

@Suite("Where stored rows may be newer")
struct NewerRowTests {
    /// Ten versions of a test are equally new.
    fileprivate static func age(_ version: Int64) -> Int64 { version / 10 }

    /// In the first column of a test's chunk.
    private static let versions = RowVersions(field: FieldSchema(name: "version", type: .int64), column: 0) {
        .integer(age($0.integers[$1]))
    }

    /// Looks for newer rows before each write, after somebody else may have written too.
    private func writer(_ store: FakeStore, meanwhile: @escaping @Sendable () -> Void) -> BatchWriter {
        let paced = paced(store)
        return BatchWriter(unavailable: .unexpected, onCut: { _, _ in }) { batch, _ throws(StoreError) in
            meanwhile()
            return try await paced.write(batch, choosing: store.leavingOutOlder)
        }
    }

    private func paced(_ store: FakeStore, rate: Double? = nil) -> PacedStore<FakeStore> {
        PacedStore(base: store, gate: RequestGate(maximum: 1), pacer: RatePacer(rowsPerSecond: rate)) { _, _ in }
    }

    /// Each key has a row of its number times ten.
    private func batch(_ keys: ClosedRange<Int64>) throws -> RowBatch {
        var builder = BatchBuilder(maximumRows: 100, maximumBytes: 1000, versions: Self.versions)
        let operations = keys.map { TestOperation(key: .integer($0), version: $0 * 10, size: 1) }
        builder.add(.of(operations, hash: .good), token: .init(unit: 0, sequence: 0), lane: 0) { _ in
            Issue.record("nothing is full")
        }
        let batch = builder.take()
        return try #require(batch)
    }

    /// What a store holds after each record was compared alone with the row that is there.
    private func apply(_ operations: [TestOperation], _ refused: Set<Int64>, to rows: inout [TestKey: Int64]) {
        for operation in operations {
            guard let version = operation.version, !refused.contains(version) else { continue }
            if let current = rows[operation.key], Self.age(current) > Self.age(version) { continue }
            rows[operation.key] = version
        }
    }

    @Test(
        "rows do not depend on where batches are cut, nor on refusals, and every record counts once",
        arguments: UInt64(1)...300)
    func naiveModel(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let keys = random.number(1...60)
        var refused: Set<Int64> = []
        var operations: [TestOperation] = []
        for _ in 0..<random.number(1...400) {
            let version = Int64(random.number(0...400))
            if random.oneIn(12) { refused.insert(version) }
            operations.append(
                TestOperation(key: .integer(Int64(random.number(0...keys))), version: version, size: 1))
        }
        let store = FakeStore(refusedVersions: refused, mostRows: random.number(3...60), seed: seed)
        var builder = BatchBuilder(
            maximumRows: random.number(1...80), maximumBytes: 1 << 20, versions: Self.versions)
        var expected: [TestKey: Int64] = [:]
        var settled = 0
        var newer = 0
        var rest = operations[...]
        let live = Mutex((random: SeededGenerator(seed: seed &+ 1000), rows: [TestKey: Int64](), newest: Int64(1000)))
        let writer = writer(store) {
            live.withLock { live in
                guard live.random.oneIn(3) else { return }
                live.newest += 10
                let (key, version) = (TestKey.integer(Int64(live.random.number(0...keys))), live.newest)
                live.rows[key] = version
                store.state.withLock { $0.rows[key] = version }
            }
        }
        while !rest.isEmpty {
            // Chunk by chunk, so that the model knows what has been sent.
            let part = Array(rest.prefix(random.number(1...120)))
            rest = rest.dropFirst(part.count)
            var batches: [RowBatch] = []
            builder.add(.of(part, hash: .good), token: .init(unit: 0, sequence: 0), lane: 0) { batches.append($0) }
            if let last = builder.take() { batches.append(last) }
            // Somebody else writes, too.
            for _ in 0..<random.number(0...20) {
                let (key, version) = (TestKey.integer(Int64(random.number(0...keys))), Int64(random.number(0...400)))
                store.state.withLock { $0.rows[key] = version }
                live.withLock { $0.rows[key] = nil }
                expected[key] = version
            }
            for batch in batches {
                let (shares, refusals) = try await writer.write(batch, after: nil)
                #expect(shares.map(\.total) == batch.shares.map(\.total), "seed \(seed)")
                #expect(
                    shares.allSatisfy { $0.upserted >= 0 && $0.superseded >= 0 && $0.newer >= 0 }, "seed \(seed)")
                #expect(shares.reduce(0) { $0 + $1.rejected } == refusals.count, "seed \(seed)")
                settled += shares.reduce(0) { $0 + $1.total }
                newer += shares.reduce(0) { $0 + $1.newer }
            }
            apply(part, refused, to: &expected)
            // Newer than any record, whenever it came.
            expected.merge(live.withLock(\.rows)) { max($0, $1) }
        }
        #expect(store.state.withLock(\.rows) == expected, "seed \(seed)")
        #expect(settled == operations.count, "seed \(seed)")
    }

    @Test("an older row is left out, an equal one is not, and neither is one without a stored row")
    func threeRows() throws {
        let batch = try batch(1...3).leavingOutOlder(than: [.integer(1): .integer(2), .integer(2): .integer(2)])
        #expect(batch.upsertedRows.map(\.version) == [20, 30])
        #expect(batch.shares.map(\.newer) == [1] && batch.shares.map(\.upserted) == [2])
    }

    @Test("of a batch of which nothing is left nothing is sent")
    func nothingLeft() async throws {
        let store = FakeStore()
        store.state.withLock { $0.rows[.integer(1)] = 90 }
        let (shares, _) = try await writer(store, meanwhile: {}).write(try batch(1...1), after: nil)
        #expect(shares.map(\.newer) == [1])
        #expect(store.state.withLock(\.requests) == 0)
    }

    @Test("one that becomes newer while a batch waits for its turn stays")
    func turn() async throws {
        let store = FakeStore()
        // After the first batch the next one would wait for hours.
        let paced = paced(store, rate: 0.001)
        _ = try await paced.write(try batch(1...3), choosing: store.leavingOutOlder)
        let next = try batch(4...6)
        async let sent = paced.write(next, choosing: store.leavingOutOlder)
        try await Task.sleep(for: .milliseconds(100))
        store.state.withLock { $0.rows[.integer(5)] = 90 }
        paced.pacer.rowsPerSecond = nil
        #expect(try await sent.upsertedRows.map(\.version) == [40, 60])
        #expect(store.state.withLock(\.rows)[.integer(5)] == 90)
    }

    @Test(
        "a turn in which nothing is sent is given back, however it ends",
        arguments: [nil, StoreError.transient("away"), .cancelled])
    func noTurn(fault: StoreError?) async throws {
        let store = FakeStore()
        let paced = paced(store, rate: 0.001)
        store.state.withLock { $0.rows = [.integer(1): 90, .integer(2): 90] }
        let unwritten = try batch(1...2)
        for _ in 0..<3 {
            do throws(StoreError) {
                let sent = try await paced.write(unwritten) { batch throws(StoreError) in
                    if let fault { throw fault }
                    return try await store.leavingOutOlder(batch)
                }
                #expect(sent.rowCount == 0 && fault == nil)
            } catch {
                #expect(error == fault)
            }
        }
        // Neither the rate nor the only place in flight is in its way.
        let sent = try await paced.write(try batch(3...4), choosing: store.leavingOutOlder)
        #expect(sent.rowCount == 2 && store.state.withLock(\.requests) == 1)
    }

    @Test("a row without a value is older than any other")
    func order() {
        #expect(RowVersion.none < .integer(.min) && RowVersion.none < .number(-.infinity))
        #expect(RowVersion.integer(1) < .integer(2) && !(RowVersion.none < .none))
        #expect(!(RowVersion.integer(1) < .none) && RowVersion.number(-0.5) < .number(0.25))
    }
}

extension FakeStore {
    /// As a job does that asks for the stored rows.
    fileprivate func leavingOutOlder(_ batch: RowBatch) async throws(StoreError) -> RowBatch {
        var stored: [PrimaryKey: RowVersion] = [:]
        for (key, version) in state.withLock(\.rows) {
            guard case .integer(let key) = key else { continue }
            stored[.integer(key)] = .integer(NewerRowTests.age(version))
        }
        return batch.leavingOutOlder(than: stored)
    }
}
