import BackfillCore
import RowDecoding
import Testing

@Suite("A message's key is compared with its row's")
struct KeyMismatchTests {
    /// What is found in messages, as such and as lines.
    private func found(
        _ messages: [TestMessage], type: FieldType = .int64, mapping: RecordMapping = RecordMapping(),
        records limit: Int = 100
    ) throws -> (message: String?, line: String?) {
        let fields = [FieldSchema(name: "id", type: type, isPrimaryKey: true)]
        let chunk = MessageChunk(messages)
        let writer = MessageLine(topic: "articles", partition: 3)
        var lines: [UInt8] = []
        for message in chunk.messages { writer.append(message, headers: [], bytes: chunk.bytes, to: &lines) }
        let fromMessages = try Records(fields, mapping: mapping, form: .message).decoder
            .survey(.messages(chunk), records: limit, minimum: 1)
        let fromLines = try Records(fields, mapping: mapping, form: .kcat).decoder
            .survey(.lines(Records.chunk(lines)), records: limit, minimum: 1)
        func finding(_ findings: [String]) -> String? { findings.first { $0.hasPrefix("the message at ") } }
        return (finding(fromMessages.findings), finding(fromLines.findings))
    }

    private static let consequence =
        ", so a tombstone would delete another row than it means: describe the keys in record.key, or set "
        + "record.tombstones to `skip` or `reject`"

    @Test("and the first that differs is named, with its place and both keys")
    func differs() throws {
        let messages = [
            TestMessage(#"{"id":1}"#, key: "1", offset: 40), TestMessage(nil, key: "9", offset: 41),
            TestMessage(#"{"id":2}"#, offset: 42), TestMessage("x", key: "y", offset: 43),
            TestMessage(#"{"id":3}"#, key: "4", offset: 44), TestMessage(#"{"id":5}"#, key: "6", offset: 45),
        ]
        let found = try found(messages)
        #expect(
            found.message
                == "the message at articles-3@44 has the key `4`, and its row has the primary key `3`"
                + Self.consequence)
        #expect(
            found.line
                == "the message at line 5 of dump.jsonl has the key `4`, and its row has the primary key `3`"
                + Self.consequence)
        #expect(try self.found(messages, records: 4) == (nil, nil))
        #expect(try self.found(messages, records: 5).message != nil)
        #expect(try self.found(messages, mapping: RecordMapping(fields: ["id": .key])) == (nil, nil))
        for policy in [RecordMapping.Tombstones.skip, .reject] {
            #expect(try self.found(messages, mapping: RecordMapping(tombstones: policy)) == (nil, nil))
        }
    }

    @Test("and one that cannot be read is named with the reason")
    func unreadable() throws {
        #expect(
            try found([TestMessage(#"{"id":1}"#, key: #"{"id":1}"#, offset: 7)]).message
                == #"the message at articles-3@7 has the key `{"id":1}`, which is no key of the collection (the message's "#
                + "key is not an integer of the field's type: a number is expected, found an object), and its row has "
                + "the primary key `1`" + Self.consequence)
        let long = String(repeating: "é", count: 5000)
        let text = try found([TestMessage(#"{"id":"a"}"#, key: long)], type: .varChar(maxLength: 5))
        #expect(text.message?.contains("`" + long.prefix(100) + "…`") == true)
        let bytes = try found(
            [TestMessage(bytes: Array(#"{"id":1}"#.utf8), key: [0, 0, 0])],
            mapping: RecordMapping(key: MessageKey(format: .integer)))
        #expect(bytes.message?.contains("has 3 bytes") == true)
    }

    @Test("in the format in which the job reads it")
    func formats() throws {
        let json = RecordMapping(key: MessageKey(format: .json, path: ["id"]))
        #expect(try found([TestMessage(#"{"id":1}"#, key: #"{"id":1}"#)], mapping: json) == (nil, nil))
        #expect(try found([TestMessage(#"{"id":1}"#, key: #"{"id":"1"}"#)], mapping: json) == (nil, nil))
        #expect(try found([TestMessage(#"{"id":1}"#, key: #"{"id":null}"#)], mapping: json) == (nil, nil))
        #expect(try found([TestMessage(#"{"id":1}"#, key: #"{"id":2}"#)], mapping: json).line?.contains("`2`") == true)
        let integer = RecordMapping(key: MessageKey(format: .integer))
        let key: [UInt8] = [0, 0, 1, 0]
        let row = TestMessage(bytes: Array(#"{"id":256}"#.utf8), key: key)
        #expect(try found([row], mapping: integer) == (nil, nil))
        #expect(try found([TestMessage(bytes: Array(#"{"id":1}"#.utf8), key: key)], mapping: integer).message != nil)
    }

    @Test("byte for byte where it is text")
    func text() throws {
        let type = FieldType.varChar(maxLength: 20)
        #expect(try found([TestMessage(#"{"id":"é"}"#, key: "é")], type: type) == (nil, nil))
        #expect(try found([TestMessage(#"{"id":"é"}"#, key: "e\u{301}")], type: type).message != nil)
        #expect(try found([TestMessage(#"{"id":"a"}"#, key: "")], type: type).message != nil)
    }

    @Test("and never in lines that are no messages")
    func records() throws {
        let chunk = SourceChunk.lines(Records.chunk(Array("{\"id\":1}\n".utf8)))
        #expect(try Records([Records.key]).decoder.survey(chunk, records: 10, minimum: 1).findings == [])
    }
}
