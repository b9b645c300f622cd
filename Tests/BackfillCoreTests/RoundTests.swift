import BackfillCore
import TestSupport
import Testing

/// What a round takes over from the one before.
@Suite struct RoundTests {
    private func ranges(_ bounds: (Int64, Int64)...) -> [OffsetRange] { bounds.map { OffsetRange(start: $0, end: $1) } }

    @Test(arguments: 0..<200) func joinedRangesHoldTheSameOffsetsWithoutASeam(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let ranges = (0..<random.number(0...6)).map { _ in
            let start = Int64(random.number(0...40))
            return OffsetRange(start: start, end: start + Int64(random.number(0...8)))
        }
        func offsets(_ ranges: [OffsetRange]) -> Set<Int64> { Set(ranges.flatMap { $0.start..<$0.end }) }
        let joined = OffsetRange.joined(ranges)
        #expect(offsets(joined) == offsets(ranges), "seed \(seed)")
        #expect(zip(joined, joined.dropFirst()).allSatisfy { $0.end < $1.start }, "seed \(seed)")
        #expect(joined.allSatisfy { !$0.isEmpty }, "seed \(seed)")
    }

    @Test func aRoundKnowsWhatWasReadBeforeIt() {
        let bytes: [UInt8] = [7]
        let message = MessageChunk.Message(offset: 8, timestamp: 5, key: nil, value: 0..<1)
        var first = CheckpointDocument.Unit(topic: "t", partition: 0, ranges: ranges((0, 4), (6, 9)))
        first.anchor = LogAnchor(message, of: bytes.span)
        var second = CheckpointDocument.Unit(topic: "t", partition: 0, ranges: ranges((9, 20)))
        second.follow(first)
        #expect(second.earlier == ranges((0, 4), (6, 9)))
        #expect(second.anchor == first.anchor)
        var third = CheckpointDocument.Unit(topic: "t", partition: 0, ranges: ranges((20, 20)))
        third.follow(second)
        #expect(third.earlier == ranges((0, 4), (6, 20)))
    }

    @Test func aPlaceThatTheJobDoesNotHaveIsNeitherSettledNorOpen() {
        let document = CheckpointDocument(
            job: .init(source: .kafka(cluster: nil, ranges: []), mapping: [], database: "", collection: ""),
            collection: .init(id: 0, schema: []),
            units: [.init(topic: "t", partition: 0, ranges: ranges((3, 9)), position: 5)], createdAt: "")
        #expect(document.isSettled(.offset(4), ofUnit: 0) == true)
        #expect(document.isSettled(.offset(5), ofUnit: 0) == false)
        #expect(document.isSettled(.offset(4), ofUnit: 1) == nil)
        #expect(document.isSettled(.offset(4), ofUnit: -1) == nil)
        #expect(document.isSettled(.line(.start(ofFile: 0)), ofUnit: 0) == nil)
    }

    @Test func aMessageIsKnownByEveryPartOfIt() {
        let bytes: [UInt8] = [1, 2, 3, 4]
        func anchor(
            _ offset: Int64 = 1, _ timestamp: Int64? = 2, _ key: Range<Int>? = 0..<2, _ value: Range<Int>? = 2..<4
        ) -> LogAnchor {
            LogAnchor(.init(offset: offset, timestamp: timestamp, key: key, value: value), of: bytes.span)
        }
        #expect(anchor() == anchor())
        let others = [
            anchor(2), anchor(1, nil), anchor(1, 2, nil), anchor(1, 2, 0..<2, nil), anchor(1, 2, 0..<0),
            anchor(1, 2, 0..<1, 1..<4),
            anchor(1, 2, nil, 0..<4), anchor(1, 2, 0..<2, 2..<3),
        ]
        #expect(Set(others + [anchor()]).count == others.count + 1)
    }

    @Test func theAnchorIsTheLastMessageBeforeTheWatermark() {
        let bytes: [UInt8] = []
        func anchor(_ offset: Int64) -> LogAnchor {
            LogAnchor(.init(offset: offset, timestamp: nil, key: nil, value: nil), of: bytes.span)
        }
        var tracker = AckTracker(watermark: .offset(0), counts: RecordCounts(), anchor: anchor(0))
        let first = tracker.track(open: 1, counts: RecordCounts(), end: .offset(5), anchor: anchor(4))
        let second = tracker.track(open: 1, counts: RecordCounts(), end: .offset(9), anchor: nil)
        let third = tracker.track(open: 1, counts: RecordCounts(), end: .offset(12), anchor: anchor(11))
        var share = RowBatch.Share()
        share.upserted = 1
        tracker.settle(third, share)
        #expect(tracker.anchor == anchor(0))
        tracker.settle(first, share)
        #expect(tracker.anchor == anchor(4))
        tracker.settle(second, share)
        #expect(tracker.anchor == anchor(11))
    }
}
