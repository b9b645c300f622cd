import BackfillCore
import RowDecoding
import TestSupport
import Testing

@Suite("A topic and a dump of it")
struct LineAndMessageTests {
    private static let mapping: [String: FieldSource] = [
        "topic": .topic, "partition": .partition, "offset": .offset, "at": .timestamp, "key": .key, "h": .header("h"),
    ]

    private static let fields =
        RandomRecord.fields + [
            FieldSchema(name: "topic", type: .varChar(maxLength: 20)), FieldSchema(name: "partition", type: .int32),
            FieldSchema(name: "offset", type: .int64), FieldSchema(name: "at", type: .int64, isNullable: true),
            FieldSchema(name: "key", type: .varChar(maxLength: 12), isNullable: true),
            FieldSchema(name: "h", type: .varChar(maxLength: 6), isNullable: true),
        ]

    private func bytes(_ random: inout SeededGenerator, from alphabet: [UInt8]) -> [UInt8] {
        (0..<random.number(0...8)).map { _ in alphabet[random.number(0...alphabet.count - 1)] }
    }

    private func part(_ random: inout SeededGenerator) -> [UInt8]? {
        switch random.number(0...5) {
        case 0: nil
        case 1: bytes(&random, from: (0...255).map { UInt8($0) })
        case 2: Array("\"k\"".utf8)
        case 3: Array("\"é\n\\\t\u{1F600}".utf8)
        default: bytes(&random, from: Array("ab1 {}\"\\\n\u{0}".utf8))
        }
    }

    private func value(_ random: inout SeededGenerator, isWrapped: Bool) -> [UInt8]? {
        var text: String
        switch random.number(0...9) {
        case 0: return nil
        case 1: return bytes(&random, from: (0...255).map { UInt8($0) })
        case 2, 3: text = RandomRecord.bad(&random)
        case 4 where isWrapped: text = "null"
        default: text = RandomRecord.good(&random)
        }
        if isWrapped { text = #"{"schema":{"n":1},"payload":\#(text)}"# }
        if random.oneIn(4) { text = text.replacing(",\"", with: ",\n\"") }
        var bytes = Array(text.utf8)
        if random.oneIn(6) { bytes.append(0x0A) }
        if random.oneIn(4) { bytes = [0, 0, 0, UInt8(random.number(0...255)), 10] + bytes }
        if random.oneIn(8) { bytes[random.number(0...bytes.count - 1)] = UInt8(random.number(0...255)) }
        return bytes
    }

    private func message(_ random: inout SeededGenerator, offset: Int64) -> TestMessage {
        let names = ["h", "h", "g", "é\n", ""]
        let headers = (0..<random.number(0...3)).map { _ in
            MessageHeader(name: names[random.number(0...names.count - 1)], value: part(&random))
        }
        let isWrapped = random.oneIn(3)
        return TestMessage(
            bytes: value(&random, isWrapped: isWrapped), key: part(&random), offset: offset,
            timestamp: random.oneIn(4) ? nil : Int64(random.number(0...1 << 42)), headers: headers)
    }

    @Test("make the same rows, operations and rejects", arguments: UInt64(1)...60)
    func equal(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let formats = [MessageKey.Format.text, .json]
        let mapping = RecordMapping(
            fields: Self.mapping, key: MessageKey(format: formats[random.number(0...1)]),
            tombstones: RecordMapping.Tombstones.allCases[random.number(0...2)])
        let isDynamic = random.oneIn(2)
        var native = try Records(Self.fields, isDynamic: isDynamic, mapping: mapping, form: .message)
        var kcat = try Records(Self.fields, isDynamic: isDynamic, mapping: mapping, form: .kcat)
        native.lanes = random.number(1...5)
        kcat.lanes = native.lanes
        var offset = Int64(random.number(0...1 << 40))
        let messages = (0..<random.number(1...120)).map { _ in
            offset += Int64(random.number(1...3))
            return message(&random, offset: offset)
        }
        let topic = native.decode(messages)
        let dump = kcat.decodeLines(of: messages)

        #expect(topic.rows == dump.rows)
        for (column, other) in zip(topic.columns, dump.columns) {
            #expect(column.bytes == other.bytes)
            #expect(column.ends == other.ends)
            #expect(column.isPresent == other.isPresent)
        }
        #expect(topic.deletedKeys.cells == dump.deletedKeys.cells)
        #expect(topic.operations.map(\.keyHash) == dump.operations.map(\.keyHash))
        #expect(topic.operations.map(\.row) == dump.operations.map(\.row))
        #expect(topic.operations.map(\.size) == dump.operations.map(\.size))
        #expect(topic.operations.map(\.isDelete) == dump.operations.map(\.isDelete))
        #expect(topic.lanes == dump.lanes)
        var (counts, otherCounts) = (topic.counts, dump.counts)
        counts.bytes = 0
        otherCounts.bytes = 0
        #expect(counts == otherCounts)

        // Nothing is lost, and what is rejected is kept as it was.
        #expect(topic.counts.read == messages.count)
        #expect(topic.operations.count + topic.rejects.count + topic.counts.skipped == messages.count)
        let sources = Dictionary(uniqueKeysWithValues: messages.map { ($0.offset, $0) })
        for reject in topic.rejects {
            let source = try #require(sources[reject.offset])
            #expect(reject.position == .offset(source.offset))
            #expect(reject.payload == source.value)
            #expect(reject.key == source.key)
            #expect(reject.headers == source.headers)
            #expect(reject.timestamp == source.timestamp)
        }
        let places = messages.enumerated().map { ($1.offset, SourcePosition.line(Records.place(ofLine: $0 + 1))) }
        let lines = Dictionary(uniqueKeysWithValues: places)
        let expected = try topic.rejects.map { reject in
            var moved = reject
            moved.position = try #require(lines[reject.offset])
            return moved
        }
        #expect(dump.rejects == expected)
    }

    @Test("are not all rejects, so that equality says something")
    func isNotTrivial() throws {
        var random = SeededGenerator(seed: UInt64(7))
        let records = try Records(
            Self.fields, isDynamic: true, mapping: RecordMapping(fields: Self.mapping), form: .message)
        let chunk = records.decode((0..<500).map { message(&random, offset: Int64($0)) })
        #expect(chunk.rows.count > 100)
        #expect(chunk.deletedKeys.count > 20)
        #expect(chunk.rejects.count > 100)
    }
}
