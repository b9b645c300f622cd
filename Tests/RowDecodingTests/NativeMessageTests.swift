import BackfillCore
import RowDecoding
import TestSupport
import Testing

@Suite("A message of a topic")
struct NativeMessageTests {
    private static let text = FieldType.varChar(maxLength: 60)

    private func records(
        value type: FieldType = .json, isNullable: Bool = true, from source: FieldSource? = nil
    ) throws -> Records {
        try Records(
            value: type, isNullable: isNullable, mapping: RecordMapping(fields: source.map { ["value": $0] } ?? [:]),
            form: .message)
    }

    @Test("makes a row of its value, where it lies")
    func value() throws {
        let chunk = try records().decode(
            TestMessage(#"{"id":1,"value":[1]}"#), TestMessage(#"  {"id":2,"value":"a\u00e9"}  "#),
            TestMessage("{\"id\":3}\r"), TestMessage(#"{"id":4,"value":null}"#))
        #expect(chunk.reasons == [])
        #expect(chunk.cells("id") == [1, 2, 3, 4].map(Cell.integer))
        #expect(chunk.cells("value") == [.text("[1]"), .text(#""a\u00e9""#), .absent, .absent])
    }

    @Test("tells of its chunk's end, its gaps, and the offsets without messages")
    func chunk() throws {
        let records = try records()
        var source = MessageChunk([TestMessage(#"{"id":1}"#, key: "k")], end: 40)
        source.absent = 7
        source.gaps = [OffsetRange(start: 3, end: 9), OffsetRange(start: 11, end: 12)]
        let chunk = records.decoder.decode(.messages(source))
        #expect(chunk.end == .offset(40))
        #expect(chunk.gaps == source.gaps)
        var counts = RecordCounts()
        counts.read = 1
        counts.absent = 7
        counts.bytes = source.bytes.count
        #expect(chunk.counts == counts)

        var empty = MessageChunk(topic: "t", partition: 0, end: 12)
        empty.absent = 2
        let nothing = records.decoder.decode(.messages(empty))
        #expect(nothing.operations.isEmpty && nothing.rejects.isEmpty)
        #expect(nothing.end == .offset(12))
        #expect(nothing.counts.absent == 2)
        #expect(nothing.columns.map(\.field.name) == ["id", "value"])
    }

    @Test("fills fields with its topic, partition, offset and time")
    func metadata() throws {
        let mapping = RecordMapping(
            fields: ["topic": .topic, "partition": .partition, "offset": .offset, "at": .timestamp])
        let fields = [
            Records.key, FieldSchema(name: "topic", type: Self.text), FieldSchema(name: "partition", type: .int32),
            FieldSchema(name: "offset", type: .int64), FieldSchema(name: "at", type: .int64, isNullable: true),
        ]
        let records = try Records(fields, mapping: mapping, form: .message)
        let chunk = records.decoder.decode(
            .messages(
                MessageChunk(
                    [
                        TestMessage(#"{"id":1}"#, offset: 30, timestamp: 1_700_000_000_123),
                        TestMessage(#"{"id":2}"#, offset: .max, timestamp: 0),
                        TestMessage(#"{"id":3}"#, offset: 0),
                        TestMessage(#"{"id":4,"topic":"mine"}"#),
                    ], topic: "té", partition: .max)))
        let partition = Cell.integer(Int64(Int32.max))
        #expect(
            chunk.rows == [
                [.integer(1), .text("té"), partition, .integer(30), .integer(1_700_000_000_123)],
                [.integer(2), .text("té"), partition, .integer(.max), .integer(0)],
                [.integer(3), .text("té"), partition, .integer(0), .absent],
            ])
        #expect(chunk.rejects.count == 1, "a field has one source")
    }

    @Test("without a time fills no field that needs one")
    func missingTime() throws {
        let chunk = try records(value: .int64, isNullable: false, from: .timestamp)
            .decode(TestMessage(#"{"id":1}"#), TestMessage(#"{"id":2}"#, timestamp: 5))
        #expect(chunk.reasons == ["field `value`: null, and the field is not nullable"])
        #expect(chunk.cells("id") == [.integer(2)])
    }

    @Test("fills fields with the last header of a name: null, empty, repeated, or no text")
    func headers() throws {
        let name = "na\"mé"
        let lists: [[MessageHeader]] = [
            [MessageHeader(name, "1"), MessageHeader("x", "2"), MessageHeader(name, "3")], [MessageHeader("x", "1")],
            [], [MessageHeader(name, "1"), MessageHeader(name, nil)],
            [MessageHeader(name, nil), MessageHeader(name, "é")], [MessageHeader(name, "")],
            [MessageHeader("", "1"), MessageHeader("na\"m", "2"), MessageHeader(name + "e", "3")],
            [MessageHeader(name: name, value: [0x61, 0xFF])],
            [MessageHeader(name: name, value: [0xFF]), MessageHeader(name, "4")],
        ]
        let messages = lists.enumerated().map { TestMessage(#"{"id":1}"#, offset: Int64($0), headers: $1) }
        let chunk = try records(value: Self.text, from: .header(name)).decode(messages)
        #expect(
            chunk.cells("value")
                == [.text("3"), .absent, .absent, .absent, .text("é"), .text(""), .absent, .text("4")])
        #expect(chunk.rejectedOffsets == [7])
        #expect(chunk.reasons == ["field `value`: the header `na\"mé` is not UTF-8 text: byte 2 is wrong"])
        let nameless = try records(value: Self.text, from: .header("")).decode(messages)
        #expect(nameless.cells("value")[6] == .text("1"))
    }

    @Test("too long for its field is rejected and leaves no trace")
    func tooLong() throws {
        let short = FieldType.varChar(maxLength: 2)
        let header = try records(value: short, from: .header("n")).decode(
            TestMessage(#"{"id":1}"#, headers: [MessageHeader("n", "abc")]),
            TestMessage(#"{"id":2}"#, headers: [MessageHeader("n", "é")]))
        #expect(header.reasons == ["field `value`: the text has 3 bytes of UTF-8, the field holds 2"])
        #expect(header.rows == [[.integer(2), .text("é")]])
        let topic = try records(value: short, from: .topic).decode(TestMessage(#"{"id":1}"#))
        #expect(topic.reasons == ["field `value`: the text has 8 bytes of UTF-8, the field holds 2"])
    }

    @Test("with an empty value is neither a record nor a tombstone", arguments: [RecordForm.message, .kcat])
    func emptyValue(form: RecordForm) throws {
        for tombstones in RecordMapping.Tombstones.allCases {
            let records = try Records(
                [Records.key], mapping: RecordMapping(tombstones: tombstones), form: form)
            let messages = [TestMessage("", key: "1"), TestMessage(#"{"id":1}"#)]
            let chunk = form == .kcat ? records.decodeLines(of: messages) : records.decode(messages)
            #expect(chunk.reasons == ["the message's value is empty"])
            #expect(chunk.rejects.map(\.payload) == [[]])
            #expect(chunk.rows == [[.integer(1)]])
            #expect(chunk.deletedKeys.count == 0)
            #expect(chunk.counts.skipped == 0)
        }
    }

    @Test("may hold a record that is printed over several lines")
    func lineFeeds() throws {
        let chunk = try records(value: Self.text).decode(
            TestMessage("\n{\n  \"id\": 1,\r\n  \"value\": \"a\\nb\"\n}\n"),
            TestMessage("{\"id\":2,\"value\":\"a\nb\"}"),
            TestMessage("{\"id\":3}\n{\"id\":4}"), TestMessage("{\"id\":5}\n\n \n"), TestMessage("{\"id\":6}\n}"),
            TestMessage("\n"), TestMessage("{\"id\"\n:7}"))
        #expect(chunk.rows == [[.integer(1), .text("a\nb")], [.integer(5), .absent], [.integer(7), .absent]])
        #expect(
            chunk.rejects.map(\.payload)
                == ["{\"id\":2,\"value\":\"a\nb\"}", "{\"id\":3}\n{\"id\":4}", "{\"id\":6}\n}", "\n"]
                .map { Array($0.utf8) })
        #expect(
            chunk.reasons == [
                "field `value`: not valid JSON: a control character in a string at byte 19",
                "not valid JSON: text after the end of the record at byte 10",
                "not valid JSON: text after the end of the record at byte 10",
                "the record is the end of the record and not an object",
            ])
    }

    @Test("with line feeds at random places between its tokens makes the same row", arguments: UInt64(1)...20)
    func randomLineFeeds(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let records = try Records(RandomRecord.fields, isDynamic: true, form: .message)
        let plain = (0..<40).map { _ in RandomRecord.good(&random) }
        let spread = plain.map { text in
            // Not inside of brackets of a JSON field, whose text is kept as it is.
            text.replacing(",\"", with: random.oneIn(2) ? "\n,\n \"" : ",\"").replacing("{\"", with: "{\"")
        }
        let spreadChunk = records.decode(spread.map { TestMessage($0) })
        let chunk = records.decode(plain.map { TestMessage($0) })
        #expect(chunk.reasons == [])
        #expect(spreadChunk.reasons == [])
        #expect(spreadChunk.columns.dropLast().map(\.cells) == chunk.columns.dropLast().map(\.cells))
    }

    @Test("that is rejected is kept byte for byte")
    func reject() throws {
        let bytes: [UInt8] = [0x7B, 0x22, 0xFF, 0x00, 0xC0, 0x0A, 0x80, 0x0A]
        let headers = [
            MessageHeader("a", nil), MessageHeader("a", ""), MessageHeader(name: "é", value: [0xFF, 0x00]),
            MessageHeader("a", "x"),
        ]
        let chunk = try records().decode(
            TestMessage(bytes: bytes, key: [0xFE, 0x00], offset: 1 << 40, timestamp: 5, headers: headers),
            TestMessage(#"{"id":1}"#, offset: 1 << 41), TestMessage(#"{"id":"x"}"#, key: "", offset: 1 << 42),
            TestMessage(nil, offset: 1 << 43, headers: [MessageHeader("a", nil)]))
        #expect(
            chunk.rejects == [
                Reject(
                    unit: 4, position: .offset(1 << 40), topic: "articles", partition: 3, offset: 1 << 40, timestamp: 5,
                    headers: headers, key: [0xFE, 0x00], payload: bytes,
                    reason: "not valid JSON: text that is not UTF-8 at byte 3"),
                Reject(
                    unit: 4, position: .offset(1 << 42), topic: "articles", partition: 3, offset: 1 << 42, key: [],
                    payload: Array(#"{"id":"x"}"#.utf8), reason: "field `id`: a number is expected, found text"),
                Reject(
                    unit: 4, position: .offset(1 << 43), topic: "articles", partition: 3, offset: 1 << 43,
                    headers: [MessageHeader("a", nil)], payload: nil,
                    reason: "the message is a tombstone without a key, so nothing says what to delete"),
            ])
        #expect(chunk.counts.read == 4)
        #expect(chunk.counts.rejected == 3)
    }

    @Test("that is a tombstone deletes its key, is skipped or rejected", arguments: RecordMapping.Tombstones.allCases)
    func tombstones(policy: RecordMapping.Tombstones) throws {
        let records = try Records([Records.key], mapping: RecordMapping(tombstones: policy), form: .message)
        let chunk = records.decode(
            TestMessage(nil, key: "7", offset: 1), TestMessage(#"{"id":8}"#, offset: 2), TestMessage(nil, offset: 3),
            TestMessage(nil, key: "x", offset: 4))
        #expect(chunk.cells("id") == [.integer(8)])
        #expect(chunk.counts.read == 4)
        switch policy {
        case .delete:
            #expect(chunk.operations.map(\.isDelete) == [true, false])
            #expect(chunk.deletedKeys.cells == [.integer(7)])
            #expect(chunk.rejectedOffsets == [3, 4])
        case .skip:
            #expect(chunk.counts.skipped == 3)
            #expect(chunk.rejects == [])
        case .reject:
            #expect(chunk.rejectedOffsets == [1, 3, 4])
            #expect(chunk.rejects.map(\.key) == [[0x37], nil, [0x78]])
            #expect(Set(chunk.reasons) == ["the message is a tombstone, and the job rejects those"])
        }
    }
}
