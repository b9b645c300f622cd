import BackfillCore
import TestSupport
import Testing

@Suite("A batch cut in halves")
struct RowBatchTests {
    private func randomBatch(_ random: inout SeededGenerator) throws -> RowBatch {
        var builder = BatchBuilder(maximumRows: 1000, maximumBytes: 1 << 20)
        var version: Int64 = 0
        for sequence in 0..<random.number(1...5) {
            let operations = (0..<random.number(1...60)).map { _ in
                version += 1
                return TestOperation(
                    key: .integer(Int64(random.number(0...50))), version: random.oneIn(3) ? nil : version, size: 1)
            }
            builder.add(
                .of(operations, hash: .good),
                token: .init(unit: 0, sequence: sequence), lane: 0
            ) { _ in Issue.record("nothing is full") }
        }
        return try builder.requireBatch()
    }

    private func leaves(_ batch: RowBatch) -> [RowBatch] {
        guard let (first, second) = batch.halves() else { return [batch] }
        return leaves(first) + leaves(second)
    }

    private func sum(_ batches: [RowBatch]) -> [RowBatch.ChunkToken: [Int]] {
        var sums: [RowBatch.ChunkToken: [Int]] = [:]
        for batch in batches {
            for (token, share) in zip(batch.tokens, batch.shares) {
                let sum = sums[token] ?? [0, 0, 0]
                sums[token] = zip(sum, [share.upserted, share.deleted, share.superseded]).map { $0 + $1 }
            }
        }
        return sums
    }

    @Test("carries the same rows and settles the same, down to one row each", arguments: UInt64(1)...60)
    func halves(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let batch = try randomBatch(&random)
        let rows = batch.upserts.count + batch.deletes.count
        if let (first, second) = batch.halves() {
            #expect(first.upserts.count + first.deletes.count == (rows + 1) / 2)
            #expect(
                first.upsertedRows.map(\.version) + second.upsertedRows.map(\.version)
                    == batch.upsertedRows.map(\.version))
            #expect(first.deletedKeys + second.deletedKeys == batch.deletedKeys)
            #expect(sum([first, second]) == sum([batch]))
        } else {
            #expect(rows == 1)
        }
        let parts = leaves(batch)
        #expect(parts.count == rows)
        #expect(parts.allSatisfy { $0.upserts.count + $0.deletes.count == 1 })
        #expect(parts.flatMap { $0.upsertedRows.map(\.version) } == batch.upsertedRows.map(\.version))
        #expect(parts.flatMap(\.deletedKeys) == batch.deletedKeys)
        #expect(sum(parts) == sum([batch]))
        for share in parts.flatMap(\.shares) {
            #expect(share.upserted >= 0 && share.deleted >= 0 && share.superseded >= 0)
        }
        var whole: [TestKey: Int64] = [:]
        batch.apply(to: &whole)
        var inParts: [TestKey: Int64] = [:]
        for part in parts { part.apply(to: &inParts) }
        #expect(inParts == whole)
    }

    @Test("can be settled part by part, though some parts carry nothing of some chunks", arguments: UInt64(1)...30)
    func settled(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let batch = try randomBatch(&random)
        var tracker = AckTracker(watermark: .offset(0), counts: RecordCounts())
        for (chunk, token) in zip(batch.chunks, batch.tokens) {
            let sequence = tracker.track(
                open: chunk.operations.count, counts: RecordCounts(), end: .offset(Int64(token.sequence + 1)))
            #expect(sequence == token.sequence)
        }
        for part in leaves(batch) {
            #expect(!tracker.isSettled)
            for (token, share) in zip(part.tokens, part.shares) { tracker.settle(token.sequence, share) }
        }
        #expect(tracker.isSettled)
        #expect(tracker.watermark == .offset(Int64(batch.chunks.count)))
    }

    @Test("is not possible with a single row, whatever it superseded")
    func singleRow() throws {
        var builder = BatchBuilder(maximumRows: 10, maximumBytes: 100)
        let operations = (0..<5).map { TestOperation(key: .integer(1), version: $0, size: 1) }
        builder.add(.of(operations, hash: .constant), token: .init(unit: 0, sequence: 0), lane: 0) { _ in }
        let batch = try builder.requireBatch()
        #expect(batch.halves() == nil)
        #expect(batch.shares.map(\.total) == [5])
    }
}
