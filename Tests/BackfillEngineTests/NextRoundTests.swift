import BackfillCore
import BackfillEngine
import KafkaReader
import Testing

/// Which units a round has.
@Suite struct NextRoundTests {
    private typealias Unit = CheckpointDocument.Unit

    private func ranges(_ bounds: (Int64, Int64)...) -> [OffsetRange] { bounds.map { OffsetRange(start: $0, end: $1) } }

    @Test func theFirstRoundHasThePartitionsThatItReads() {
        let units = Unit.units(
            reading: [
                PartitionRanges(topic: "t", partition: 0, ranges: ranges((3, 9)), gaps: ranges((3, 5))),
                PartitionRanges(topic: "t", partition: 1, ranges: ranges((0, 4), (6, 8))),
            ], after: [])
        #expect(units.map(\.position) == [.offset(5), .offset(0)])
        #expect(units.map(\.gaps) == [ranges((3, 5)), []])
        #expect(units.allSatisfy { $0.earlier.isEmpty && !$0.isDone })
    }

    @Test func partitionsThatOnlyEarlierRoundsHaveReadStayWithNothingToRead() {
        var last = [
            Unit(topic: "old", partition: 0, ranges: ranges((0, 4), (6, 8)), position: 8),
            Unit(topic: "t", partition: 0, ranges: ranges((0, 10)), position: 10),
            Unit(topic: "t", partition: 1, ranges: ranges((0, 20)), position: 20),
        ]
        let anchor = LogAnchor(.init(offset: 7, timestamp: nil, key: nil, value: nil), of: [UInt8]().span)
        last[0].anchor = anchor
        last[0].gaps = ranges((2, 3))
        last[0].counts.read = 5
        for end in [Int64(12), 15] {
            let start = end == 12 ? Int64(10) : 12
            last = Unit.units(
                reading: [PartitionRanges(topic: "t", partition: 0, ranges: ranges((start, end)))], after: last)
            #expect(
                last.map(\.extent) == [
                    .partition(topic: "t", number: 0, ranges: ranges((start, end))),
                    .partition(topic: "old", number: 0, ranges: ranges((8, 8))),
                    .partition(topic: "t", number: 1, ranges: ranges((20, 20))),
                ])
            #expect(last.map(\.earlier) == [ranges((0, start)), ranges((0, 4), (6, 8)), ranges((0, 20))])
            #expect(last.map(\.isDone) == [false, true, true])
            // What became of them was told by the round that read them.
            #expect(last[1].anchor == anchor && last[1].gaps.isEmpty && last[1].counts == RecordCounts())
        }
    }
}
