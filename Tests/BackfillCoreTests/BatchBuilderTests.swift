import BackfillCore
import TestSupport
import Testing

@Suite("Batches of a lane")
struct BatchBuilderTests {
    private func randomOperations(
        _ count: Int, keys: Int, isText: Bool, version: inout Int64, _ random: inout SeededGenerator
    ) -> [TestOperation] {
        (0..<count).map { _ in
            let number = random.number(0...keys)
            version += 1
            return TestOperation(
                key: isText ? .text("k\(number)") : .integer(Int64(number) << 40),
                version: random.oneIn(3) ? nil : version, size: random.number(1...100))
        }
    }

    @Test("leave the state that the operations leave, and settle each operation once", arguments: UInt64(1)...150)
    func naiveModel(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let hash = KeyHash.allCases[random.number(0...2)]
        let lanes = random.number(1...3)
        let maximumRows = random.number(1...random.number(1...40))
        let maximumBytes = random.number(1...random.number(1...3000))
        let isText = random.oneIn(2)
        let keys = random.number(0...60)
        var builders = (0..<lanes).map { _ in BatchBuilder(maximumRows: maximumRows, maximumBytes: maximumBytes) }
        var version: Int64 = 0
        var expected: [TestKey: Int64] = [:]
        var operationCounts: [RowBatch.ChunkToken: Int] = [:]
        var batches = [[RowBatch]](repeating: [], count: lanes)

        for sequence in 0..<random.number(1...8) {
            let operations = randomOperations(
                random.number(0...100), keys: keys, isText: isText, version: &version, &random)
            for operation in operations { expected[operation.key] = operation.version }
            let chunk = DecodedChunk.of(operations, lanes: lanes, hash: hash)
            let token = RowBatch.ChunkToken(unit: sequence % 2, sequence: sequence)
            operationCounts[token] = operations.count
            for lane in 0..<lanes {
                builders[lane].add(chunk, token: token, lane: lane) { batches[lane].append($0) }
                if random.oneIn(4), let batch = builders[lane].take() { batches[lane].append(batch) }
            }
        }
        for lane in 0..<lanes {
            if let batch = builders[lane].take() { batches[lane].append(batch) }
            #expect(builders[lane].isEmpty)
            let nothing = builders[lane].take()
            #expect(nothing == nil)
        }

        var state: [TestKey: Int64] = [:]
        var settled: [RowBatch.ChunkToken: Int] = [:]
        for batch in batches.shuffled(using: &random).flatMap(\.self) {
            let keys = batch.upsertedRows.map(\.key) + batch.deletedKeys
            #expect(Set(keys).count == keys.count, "one row for each key")
            #expect(!keys.isEmpty)
            #expect(keys.count <= maximumRows)
            let bytes =
                batch.upserts.map { size($0, isDelete: false, in: batch) }.reduce(0, +)
                + batch.deletes.map { size($0, isDelete: true, in: batch) }.reduce(0, +)
            #expect(bytes <= maximumBytes || keys.count == 1)
            #expect(batch.chunks.count == batch.tokens.count)
            #expect(batch.chunks.count == batch.shares.count)
            #expect(batch.shares.map(\.upserted).reduce(0, +) == batch.upserts.count)
            #expect(batch.shares.map(\.deleted).reduce(0, +) == batch.deletes.count)
            for (token, share) in zip(batch.tokens, batch.shares) {
                #expect(share.upserted >= 0 && share.deleted >= 0 && share.superseded >= 0)
                settled[token, default: 0] += share.total
            }
            batch.apply(to: &state)
        }
        #expect(state == expected)
        #expect(settled.filter { $0.value > 0 } == operationCounts.filter { $0.value > 0 })
    }

    private func size(_ reference: RowBatch.RowReference, isDelete: Bool, in batch: RowBatch) -> Int {
        let operations = batch.chunks[Int(reference.chunk)].operations
        return operations.first { $0.row == reference.row && $0.isDelete == isDelete }.map { Int($0.size) } ?? 0
    }

    @Test("fill up to the limit of rows exactly")
    func rowLimit() throws {
        let operations = (0..<25).map { TestOperation(key: .integer($0), version: $0, size: 1) }
        var builder = BatchBuilder(maximumRows: 10, maximumBytes: 1000)
        var batches: [RowBatch] = []
        builder.add(
            .of(operations, hash: .good), token: .init(unit: 0, sequence: 0), lane: 0
        ) { batches.append($0) }
        #expect(batches.map(\.upserts.count) == [10, 10])
        let last = try builder.requireBatch()
        #expect(last.upserts.count == 5)
    }

    @Test("fill up to the limit of bytes, and a row beyond it goes alone")
    func byteLimit() throws {
        let sizes = [40, 40, 20, 1, 500, 100, 1]
        let operations = sizes.enumerated().map { index, size in
            TestOperation(key: .integer(Int64(index)), version: 1, size: size)
        }
        var builder = BatchBuilder(maximumRows: 100, maximumBytes: 100)
        var counts: [Int] = []
        builder.add(.of(operations, hash: .good), token: .init(unit: 0, sequence: 0), lane: 0) {
            counts.append($0.upserts.count)
        }
        #expect(counts == [3, 1, 1, 1])
        let last = try builder.requireBatch()
        #expect(last.upserts.count == 1)
    }

    @Test("collapse a key's upserts and deletes to the last one, also across chunks")
    func supersede() throws {
        let key = TestKey.text("a")
        var builder = BatchBuilder(maximumRows: 10, maximumBytes: 1000)
        let versions: [[Int64?]] = [[1, nil, 2], [3], [nil, 4, nil]]
        for (sequence, versions) in versions.enumerated() {
            builder.add(
                .of(versions.map { TestOperation(key: key, version: $0, size: 1) }, hash: .constant),
                token: .init(unit: 0, sequence: sequence), lane: 0
            ) { _ in Issue.record("nothing is full") }
        }
        let batch = try builder.requireBatch()
        #expect(batch.upserts.isEmpty)
        #expect(batch.deletedKeys == [key])
        #expect(batch.shares.map(\.superseded) == [3, 1, 2])
        #expect(batch.shares.map(\.deleted) == [0, 0, 1])
    }

    @Test("keep keys apart that have the same hash")
    func collisions() throws {
        let keys = ["", "a", "aa", "b", "ab", "a\u{0}"].map(TestKey.text)
        var builder = BatchBuilder(maximumRows: 10, maximumBytes: 1000)
        let operations = keys.map { TestOperation(key: $0, version: 1, size: 1) }
        builder.add(.of(operations, hash: .constant), token: .init(unit: 0, sequence: 0), lane: 0) { _ in }
        let batch = try builder.requireBatch()
        #expect(batch.upsertedRows.map(\.key) == keys)
    }

    @Test("begin anew after each one is taken")
    func reuse() throws {
        var builder = BatchBuilder(maximumRows: 2, maximumBytes: 10)
        for round in Int64(0)..<100 {
            let operations = [TestOperation(key: .integer(1), version: round, size: 5)]
            builder.add(
                .of(operations, hash: .constant), token: .init(unit: 0, sequence: Int(round)), lane: 0
            ) { _ in Issue.record("nothing is full") }
            let batch = try builder.requireBatch()
            #expect(batch.upsertedRows.map(\.version) == [round])
            #expect(batch.tokens == [.init(unit: 0, sequence: Int(round))])
            #expect(batch.shares.map(\.total) == [1])
        }
    }
}
