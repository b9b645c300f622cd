import BackfillCore
import Testing

@Suite("Counts of records")
struct RecordCountsTests {
    private func counts(_ factor: Int) -> RecordCounts {
        var counts = RecordCounts()
        counts.read = factor
        counts.upserted = 2 * factor
        counts.deleted = 3 * factor
        counts.superseded = 4 * factor
        counts.rejected = 5 * factor
        counts.skipped = 6 * factor
        counts.absent = 7 * factor
        counts.bytes = 8 * factor
        counts.newer = 9 * factor
        return counts
    }

    @Test("add up member by member")
    func sum() {
        var sum = counts(1)
        sum += counts(10)
        #expect(sum == counts(11))
        sum += RecordCounts()
        #expect(sum == counts(11))
    }

    @Test("of a checkpoint are those of all its units")
    func checkpoint() {
        let job = CheckpointDocument.Job(
            source: .dump(files: [], envelope: .none, order: .perFile), mapping: [], database: "d", collection: "c")
        var document = CheckpointDocument(
            job: job, collection: .init(id: 1, schema: []),
            units: [.init(files: [0]), .init(files: [1], counts: counts(2)), .init(files: [2], counts: counts(5))],
            createdAt: "2026-01-01T00:00:00Z")
        #expect(document.counts == counts(7))
        #expect(!document.isDone)
        for index in document.units.indices { document.units[index].position = .line(.start(ofFile: 1)) }
        #expect(document.isDone)
    }
}
