import BackfillCore
import TestSupport
import Testing

@Suite("The watermark of a unit")
struct AckTrackerTests {
    /// A chunk as the naive model sees it.
    private struct Chunk {
        var sequence: Int
        var end: SourcePosition
        var counts: RecordCounts
        var gaps: [OffsetRange]
        /// Shares that are still to come.
        var shares: [RowBatch.Share]
        var bytes: Int
    }

    private func randomShares(_ random: inout SeededGenerator) -> [RowBatch.Share] {
        (0..<(random.oneIn(5) ? 0 : random.number(1...5))).map { _ in
            var share = RowBatch.Share()
            share.upserted = random.number(0...3)
            share.deleted = random.number(0...2)
            share.superseded = random.number(0...2)
            return share
        }
    }

    private func add(_ share: RowBatch.Share, to counts: inout RecordCounts) {
        counts.upserted += share.upserted
        counts.deleted += share.deleted
        counts.superseded += share.superseded
    }

    @Test("is the end of the longest settled run, in whatever order chunks are settled", arguments: UInt64(1)...80)
    func naiveModel(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let start = SourcePosition.offset(50)
        let baseGaps = [OffsetRange(start: 3, end: 7)]
        var base = RecordCounts()
        base.read = 1000
        base.upserted = 900
        var tracker = AckTracker(watermark: start, counts: base, gaps: baseGaps)
        var chunks: [Chunk] = []
        var offset: Int64 = 50
        let preference = random.number(0...3)
        var held = 0

        for _ in 0..<random.number(1...400) {
            let open = chunks.indices.filter { !chunks[$0].shares.isEmpty }
            if open.isEmpty || random.oneIn(2) {
                var chunk = Chunk(
                    sequence: 0, end: start, counts: RecordCounts(), gaps: [], shares: randomShares(&random),
                    bytes: random.number(1...100))
                if random.oneIn(4) { chunk.gaps = [OffsetRange(start: offset, end: offset + 1)] }
                offset += Int64(random.number(1...5))
                chunk.end = .offset(offset)
                chunk.counts.read = random.number(0...50)
                chunk.counts.rejected = random.number(0...5)
                chunk.counts.bytes = random.number(0...500)
                let total = chunk.shares.map(\.total).reduce(0, +)
                chunk.sequence = tracker.track(
                    open: total, counts: chunk.counts, end: chunk.end, gaps: chunk.gaps, bytes: chunk.bytes)
                #expect(chunk.sequence == chunks.count)
                if total > 0 { held += chunk.bytes }
                chunks.append(chunk)
            } else {
                // In order, in reverse, at random, or the far end first and the rest later.
                let index =
                    switch preference {
                    case 0: open[0]
                    case 1: open[open.count - 1]
                    case 2: open[random.number(0...open.count - 1)]
                    default: open.count > 30 || random.oneIn(50) ? open[0] : open[open.count - 1]
                    }
                let share = chunks[index].shares.remove(at: random.number(0...chunks[index].shares.count - 1))
                let freed = tracker.settle(chunks[index].sequence, share)
                held -= freed
                add(share, to: &chunks[index].counts)
                let rest = chunks[index].shares.map(\.total).reduce(0, +)
                #expect(freed == (rest == 0 && share.total > 0 ? chunks[index].bytes : 0))
            }

            var expected = start
            var counts = base
            var gaps = baseGaps
            let isSettled = { (chunk: Chunk) in chunk.shares.allSatisfy { $0.total == 0 } }
            for chunk in chunks {
                guard isSettled(chunk) else { break }
                expected = chunk.end
                counts += chunk.counts
                gaps += chunk.gaps
            }
            #expect(tracker.watermark == expected)
            #expect(tracker.gaps == gaps)
            #expect(tracker.counts == counts)
            #expect(tracker.isSettled == chunks.allSatisfy(isSettled))
        }
        for chunk in chunks {
            for share in chunk.shares { held -= tracker.settle(chunk.sequence, share) }
        }
        #expect(held == 0)
        #expect(tracker.isSettled)
        #expect(tracker.watermark == chunks.last?.end)
    }

    @Test("moves over thousands of chunks, and never back", arguments: [0, 1, 2])
    func thousands(order: Int) {
        var random = SeededGenerator(seed: 5)
        var tracker = AckTracker(watermark: .line(.start(ofFile: 0)), counts: RecordCounts())
        var share = RowBatch.Share()
        share.upserted = 1
        var sequences: [Int] = []
        for index in 1...5000 {
            var position = DumpPosition.start(ofFile: 0)
            position.line = 1 + 10 * index
            sequences.append(tracker.track(open: 2, counts: RecordCounts(), end: .line(position)))
        }
        var settlements = sequences + sequences
        if order == 1 { settlements.reverse() }
        if order == 2 { settlements.shuffle(using: &random) }
        var watermark = tracker.watermark
        for sequence in settlements {
            tracker.settle(sequence, share)
            #expect(watermark <= tracker.watermark)
            watermark = tracker.watermark
        }
        #expect(tracker.isSettled)
        #expect(watermark == .line(DumpPosition(file: 0, frame: 1, frameOffset: 0, textOffset: 0, line: 50_001)))
        #expect(tracker.counts.upserted == 10_000)
    }

    @Test("goes on from where the run before stopped")
    func resumed() {
        var counts = RecordCounts()
        counts.read = 10
        var tracker = AckTracker(watermark: .line(.start(ofFile: 2)), counts: counts)
        #expect(tracker.watermark == .line(.start(ofFile: 2)))
        #expect(tracker.counts == counts)
        #expect(tracker.isSettled)
        // Nothing but blank lines or rejects: settled at once.
        #expect(tracker.track(open: 0, counts: counts, end: .line(.start(ofFile: 3))) == 0)
        #expect(tracker.watermark == .line(.start(ofFile: 3)))
        #expect(tracker.counts.read == 20)
        #expect(tracker.isSettled)
    }

    @Test("waits for the first chunk, however many behind it are settled")
    func firstChunkOpen() {
        var tracker = AckTracker(watermark: .line(.start(ofFile: 0)), counts: RecordCounts())
        var share = RowBatch.Share()
        share.superseded = 1
        for file in 1...300 {
            let sequence = tracker.track(open: 1, counts: RecordCounts(), end: .line(.start(ofFile: file)))
            if file > 1 { tracker.settle(sequence, share) }
        }
        #expect(tracker.watermark == .line(.start(ofFile: 0)))
        #expect(tracker.counts == RecordCounts())
        tracker.settle(0, share)
        #expect(tracker.watermark == .line(.start(ofFile: 300)))
        #expect(tracker.counts.superseded == 300)
    }

    @Test("a share of nothing changes nothing, at any time")
    func emptyShare() {
        var tracker = AckTracker(watermark: .line(.start(ofFile: 0)), counts: RecordCounts())
        var share = RowBatch.Share()
        share.deleted = 1
        let first = tracker.track(open: 1, counts: RecordCounts(), end: .line(.start(ofFile: 1)), bytes: 5)
        #expect(tracker.settle(first, RowBatch.Share()) == 0)
        #expect(!tracker.isSettled)
        #expect(tracker.settle(first, share) == 5)
        #expect(tracker.settle(first, RowBatch.Share()) == 0)
        #expect(tracker.isSettled)
        #expect(tracker.watermark == .line(.start(ofFile: 1)))
    }
}
