import BackfillCore
import DumpWriter
import TestSupport

/// The log of a partition with holes in it, as a reader would give its ranges.
struct SampleLog {
    enum Slot {
        case message(key: [UInt8]?, value: [UInt8]?, headers: [MessageHeader], timestamp: Int64?)
        /// The log covers the offset and has no message there.
        case absent
        /// The log no longer covers the offset.
        case lost
    }

    var topic: String
    var number: Int32
    var ranges: [OffsetRange]
    /// Every offset of the ranges, ascending.
    var slots: [(offset: Int64, slot: Slot)]

    init(topic: String, number: Int32, ranges: [OffsetRange], slot: (Int64) -> Slot) {
        self.topic = topic
        self.number = number
        self.ranges = ranges
        slots = ranges.flatMap { range in (range.start..<range.end).map { ($0, slot($0)) } }
    }

    /// A log of any shape.
    init(topic: String, number: Int32, using random: inout SeededGenerator) {
        var ranges: [OffsetRange] = []
        var offset = Int64(random.number(0...1000))
        for _ in 0..<random.number(1...3) {
            let end = offset + Int64(random.number(random.oneIn(6) ? 0...0 : 1...25))
            ranges.append(OffsetRange(start: offset, end: end))
            offset = end + Int64(random.number(1...50))
        }
        var isLost = false
        self.init(topic: topic, number: number, ranges: ranges) { _ in
            if random.oneIn(8) { isLost.toggle() }
            if isLost, random.oneIn(2) { return .lost }
            return random.oneIn(5) ? .absent : Self.message(using: &random)
        }
    }

    private static func message(using random: inout SeededGenerator) -> Slot {
        func bytes(_ random: inout SeededGenerator, _ longest: Int) -> [UInt8] {
            let highest = random.oneIn(3) ? 0xFF : 0x7F
            return (0..<random.number(0...longest)).map { _ in UInt8(random.number(0...highest)) }
        }
        let headers = (0..<(random.oneIn(3) ? random.number(1...2) : 0)).map { index in
            MessageHeader(name: "h\(index)", value: random.oneIn(3) ? nil : bytes(&random, 10))
        }
        return .message(
            key: random.oneIn(4) ? nil : bytes(&random, 12),
            value: random.oneIn(5) ? nil : bytes(&random, random.oneIn(6) ? 900 : 60),
            headers: headers, timestamp: random.oneIn(4) ? nil : Int64(random.number(0...2_000_000_000_000)))
    }

    var partition: DumpManifest.Partition {
        DumpManifest.Partition(topic: topic, number: number, ranges: ranges)
    }

    /// The ranges from an offset on, in chunks of at most `size` offsets.
    func chunks(from position: Int64, size: Int) -> [MessageChunk] {
        let rest = slots.drop { $0.offset < position }
        return stride(from: rest.startIndex, to: rest.endIndex, by: size).map { begin in
            let end = min(begin + size, rest.endIndex)
            var chunk = MessageChunk(
                topic: topic, partition: number, end: end < rest.endIndex ? rest[end].offset : ranges.last?.end ?? 0)
            for (offset, slot) in rest[begin..<end] { chunk.add(slot, at: offset) }
            return chunk
        }
    }

    /// All lines.
    var text: [UInt8] {
        var text: [UInt8] = []
        let line = MessageLine(topic: topic, partition: Int(number))
        for chunk in chunks(from: 0, size: 1) {
            for message in chunk.messages {
                line.append(message, headers: chunk.headers, bytes: chunk.bytes, to: &text)
            }
        }
        return text
    }

    /// Offsets of all messages.
    var messages: [Int64] {
        slots.compactMap { if case .message = $0.slot { $0.offset } else { nil } }
    }

    var absent: Int {
        slots.count { if case .absent = $0.slot { true } else { false } }
    }

    var lost: [Int64] {
        slots.compactMap { if case .lost = $0.slot { $0.offset } else { nil } }
    }
}

extension MessageChunk {
    fileprivate mutating func add(_ slot: SampleLog.Slot, at offset: Int64) {
        switch slot {
        case .absent:
            absent += 1
        case .lost:
            gaps.append(OffsetRange(start: offset, end: offset + 1))
        case .message(let key, let value, let parts, let timestamp):
            let first = headers.count
            for header in parts {
                headers.append(Header(name: add(Array(header.name.utf8)), value: header.value.map { add($0) }))
            }
            messages.append(
                Message(
                    offset: offset, timestamp: timestamp, key: key.map { add($0) }, value: value.map { add($0) },
                    headers: first..<headers.count))
        }
    }

    private mutating func add(_ part: [UInt8]) -> Range<Int> {
        bytes += part + [UInt8(ascii: "\n")]
        return bytes.count - 1 - part.count..<bytes.count - 1
    }
}
