import BackfillCore
import BackfillEngine
import Synchronization
import TestSupport
import Testing

@Suite("Where stored rows may be newer")
struct NewerRowTests {
    /// Ten versions of a test are equally new.
    private static func age(_ version: Int64) -> Int64 { version / 10 }

    /// In the first column of a test's chunk.
    private static let versions = RowVersions(field: FieldSchema(name: "version", type: .int64), column: 0) {
        .integer(age($0.integers[$1]))
    }

    private func writer(_ store: FakeStore) -> BatchWriter<FakeStore> {
        BatchWriter(unavailable: .unexpected, onCut: { _, _ in }, store: { _ in store })
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
                expected[key] = version
            }
            for batch in batches {
                let stored = store.state.withLock(\.rows)
                let checked = batch.leavingOutOlder(than: Self.keyed(stored))
                #expect(checked.shares.map(\.total) == batch.shares.map(\.total), "seed \(seed)")
                let (shares, refusals) = try await writer(store).write(checked, after: nil)
                #expect(shares.map(\.total) == batch.shares.map(\.total), "seed \(seed)")
                #expect(
                    shares.allSatisfy { $0.upserted >= 0 && $0.superseded >= 0 && $0.newer >= 0 }, "seed \(seed)")
                #expect(shares.reduce(0) { $0 + $1.rejected } == refusals.count, "seed \(seed)")
                settled += shares.reduce(0) { $0 + $1.total }
                newer += shares.reduce(0) { $0 + $1.newer }
            }
            apply(part, refused, to: &expected)
        }
        #expect(store.state.withLock(\.rows) == expected, "seed \(seed)")
        #expect(settled == operations.count, "seed \(seed)")
    }

    private static func keyed(_ rows: [TestKey: Int64]) -> [PrimaryKey: RowVersion] {
        var versions: [PrimaryKey: RowVersion] = [:]
        for (key, version) in rows {
            guard case .integer(let key) = key else { continue }
            versions[.integer(key)] = .integer(age(version))
        }
        return versions
    }

    @Test("an older row is left out, an equal one is not, and neither is one without a stored row")
    func threeRows() throws {
        var builder = BatchBuilder(maximumRows: 10, maximumBytes: 1000, versions: Self.versions)
        let operations = [(1, 10), (2, 20), (3, 30)].map {
            TestOperation(key: .integer(Int64($0.0)), version: Int64($0.1), size: 1)
        }
        builder.add(.of(operations, hash: .good), token: .init(unit: 0, sequence: 0), lane: 0) { _ in
            Issue.record("nothing is full")
        }
        let taken = builder.take()
        let batch = try #require(taken).leavingOutOlder(than: [.integer(1): .integer(2), .integer(2): .integer(2)])
        #expect(batch.upsertedRows.map(\.version) == [20, 30])
        #expect(batch.shares.map(\.newer) == [1] && batch.shares.map(\.upserted) == [2])
    }

    @Test("of a batch of which nothing is left nothing is sent")
    func nothingLeft() async throws {
        let store = FakeStore()
        var builder = BatchBuilder(maximumRows: 10, maximumBytes: 1000, versions: Self.versions)
        builder.add(
            .of([TestOperation(key: .integer(1), version: 10, size: 1)], hash: .good),
            token: .init(unit: 0, sequence: 0), lane: 0
        ) { _ in Issue.record("nothing is full") }
        let taken = builder.take()
        let batch = try #require(taken).leavingOutOlder(than: [.integer(1): .integer(9)])
        let (shares, _) = try await writer(store).write(batch, after: nil)
        #expect(shares.map(\.newer) == [1])
        #expect(store.state.withLock(\.requests) == 0)
    }

    @Test("a row without a value is older than any other")
    func order() {
        #expect(RowVersion.none < .integer(.min) && RowVersion.none < .number(-.infinity))
        #expect(RowVersion.integer(1) < .integer(2) && !(RowVersion.none < .none))
        #expect(!(RowVersion.integer(1) < .none) && RowVersion.number(-0.5) < .number(0.25))
    }
}
