import BackfillCore
import RowDecoding
import TestSupport
import Testing

@Suite("The key of a message")
struct MessageKeyTests {
    /// What keys are read as: the primary keys that their tombstones delete, and nil for those that are rejected.
    private func read(
        _ keys: [[UInt8]], as type: FieldType = .int64, _ format: MessageKey.Format, path: [String] = []
    ) throws -> (cells: [Cell?], reasons: [String]) {
        let mapping = RecordMapping(key: MessageKey(format: format, path: path))
        let field = FieldSchema(name: "id", type: type, isPrimaryKey: true)
        let messages = keys.enumerated().map { TestMessage(bytes: nil, key: $1, offset: Int64($0)) }
        let chunk = try Records([field], mapping: mapping, form: .message).decode(messages)
        // Keys are read alike where a line holds them.
        let lines = try Records([field], mapping: mapping, form: .kcat).decodeLines(of: messages)
        #expect(lines.deletedKeys.cells == chunk.deletedKeys.cells)
        #expect(lines.reasons == chunk.reasons)
        #expect(lines.rejects.map(\.key) == chunk.rejects.map(\.key))
        var cells = chunk.deletedKeys.cells[...]
        let rejected = Set(chunk.rejectedOffsets)
        return (keys.indices.map { rejected.contains(Int64($0)) ? nil : cells.removeFirst() }, chunk.reasons)
    }

    private func read(
        _ keys: [String], as type: FieldType = .int64, _ format: MessageKey.Format, path: [String] = []
    ) throws -> (cells: [Cell?], reasons: [String]) {
        try read(keys.map { Array($0.utf8) }, as: type, format, path: path)
    }

    private static let text = FieldType.varChar(maxLength: 8)

    @Test("as text is UTF-8, or the digits of a number")
    func texts() throws {
        let texts = try read(["ab", "é\n", "", "123456789", "{}", "\u{0}"], as: Self.text, .text)
        #expect(texts.cells == [.text("ab"), .text("é\n"), .text(""), nil, .text("{}"), .text("\u{0}")])
        let bytes = try read([[0x61, 0xC3], [0xED, 0xA0, 0x80], [0xC3, 0xA9]], as: Self.text, .text)
        #expect(bytes.cells == [nil, nil, .text("é")])
        #expect(
            bytes.reasons == [
                "the message's key is not UTF-8 text: byte 2 is wrong",
                "the message's key is not UTF-8 text: byte 1 is wrong",
            ])
        let numbers = try read(
            ["12", "-9223372036854775808", "9223372036854775808", "", "1\n", "\n1", "1a", "0x1", "\"1\"", "+1"], .text)
        #expect(numbers.cells == [.integer(12), .integer(.min), nil, nil, nil, nil, nil, nil, nil, nil])
        #expect(numbers.reasons.allSatisfy { $0.hasPrefix("the message's key is not an integer") })
        #expect(try read([[0xFF], [0x31, 0x00]], .text).cells == [nil, nil])
    }

    @Test("as an integer has 1, 2, 4 or 8 bytes, the most significant first")
    func integers() throws {
        let values: [Int64] = [0, 1, -1, 127, -128, 128, 32767, -32768, 10, 0x0A0A, 1 << 31, -1 << 31, .max, .min]
        for value in values {
            for width in [1, 2, 4, 8] where value == (value << (64 - 8 * width)) >> (64 - 8 * width) {
                let bytes = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * (width - 1 - $0))) }
                #expect(try read([bytes], .integer).cells == [.integer(value)], "\(value) in \(width) bytes")
            }
        }
        let others = try read([[], [1, 2, 3], [1, 2, 3, 4, 5], [UInt8](repeating: 1, count: 9)], .integer)
        #expect(others.cells == [nil, nil, nil, nil])
        #expect(others.reasons[1] == "the message's key has 3 bytes, and an integer has 1, 2, 4 or 8 (record.key)")
    }

    @Test("as JSON is a string or a number")
    func json() throws {
        let keys = [
            "17", #""18""#, " -19 ", "20\n", "\n21", #""x""#, "1.5", "true", "{}", "[1]", "", "22 23", #"{"id":24}"#,
            "9223372036854775808", "nul", "2e1",
        ]
        let numbers = try read(keys, .json)
        #expect(
            numbers.cells
                == [.integer(17), .integer(18), .integer(-19), .integer(20), .integer(21)]
                + [Cell?](repeating: nil, count: 10) + [.integer(20)])
        #expect(numbers.reasons.contains("the message's key is not valid JSON: a value is missing at byte 1"))
        #expect(
            numbers.reasons.contains("the message's key is not valid JSON: text after the end of the record at byte 4"))
        let texts = try read(
            [#""a\u00e9\n""#, "17", "\"\"", #""123456789""#, "true", "{}", "\"a\nb\"", "abc"], as: Self.text, .json)
        #expect(texts.cells == [.text("aé\n"), nil, .text(""), nil, nil, nil, nil, nil])
        #expect(texts.reasons[0] == "the message's key does not fit a field of type VarChar(8)")
    }

    @Test("as a JSON object holds its value where the path leads")
    func paths() throws {
        let keys = [
            #"{"after":{"id":1}}"#, #"{"x":[{}],"after":{"a":{},"id":"2"},"id":9}"#, #"{"\u0061fter":{"\u0069d":3}}"#,
            "{\n \"after\": {\n \"id\": 4\n }\n}\n", #"{"after":{"id":5,"id":5}}"#, #"{"after":{}}"#, #"{"after":6}"#,
            "7", #"{"after":{"id":{"id":8}}}"#, #"{"after":{"id":9}"#, #"{"after":{"id":9}} x"#,
            #"{"after":{"id":9},"after":{"id":9}}"#, "{}",
        ]
        let read = try read(keys, .json, path: ["after", "id"])
        #expect(
            read.cells
                == [.integer(1), .integer(2), .integer(3), .integer(4)] + [Cell?](repeating: nil, count: 9))
        #expect(
            read.reasons == [
                "the message's key has two values for `id` (record.key.path)",
                "the message's key has no `id` (record.key.path)",
                "the message's key is a number and not an object (record.key.path)",
                "the message's key is a number and not an object (record.key.path)",
                "the message's key is not an integer of the field's type: a number is expected, found an object",
                "the message's key is not valid JSON: a comma or a bracket is missing at byte 18",
                "the message's key is not valid JSON: text after the end of the record at byte 20",
                "the message's key has two values for `after` (record.key.path)",
                "the message's key has no `after` (record.key.path)",
            ])
    }

    @Test("as JSON that is null is no key")
    func null() throws {
        let reason = "the message is a tombstone without a key, so nothing says what to delete"
        #expect(try read(["null", " null\n"], .json).reasons == [reason, reason])
        #expect(try read([#"{"id":null}"#], .json, path: ["id"]).reasons == [reason])
        #expect(try read([#"{"schema":null,"payload":null}"#], .json).reasons == [reason])
        let mapping = RecordMapping(fields: ["value": .key], key: MessageKey(format: .json))
        let chunk = try Records(value: .int64, isNullable: true, mapping: mapping, form: .message)
            .decode(TestMessage(#"{"id":1}"#, key: "null"), TestMessage(#"{"id":2}"#, key: "5"))
        #expect(chunk.rows == [[.integer(1), .absent], [.integer(2), .integer(5)]])
    }

    @Test("may have the framing of a schema registry")
    func framing() throws {
        let framed = try read(
            [[0, 0, 0, 0, 10] + Array("{\"id\":\n1}".utf8), [0, 0, 1, 0, 10, 0x02], [0, 0, 0, 0, 1], [0, 1]], .json,
            path: ["id"])
        #expect(framed.cells == [.integer(1), nil, nil, nil])
        let sentence =
            "the message's key has the framing of a schema registry (schema id 65546), and what follows is not JSON: "
            + "this program reads JSON, not Avro or Protobuf"
        #expect(framed.reasons[0] == sentence)
        #expect(framed.reasons[1].contains("schema id 1)"))
        #expect(framed.reasons[2] == "the message's key is not valid JSON: a value is missing at byte 1")
    }

    @Test("may be in the envelope of Connect's converter")
    func connectEnvelope() throws {
        let schema = #""schema":{"type":"struct","fields":[{"field":"id"}]}"#
        let keys = [
            #"{\#(schema),"payload":{"id":1}}"#, #"{"payload":{"id":2},\#(schema)}"#, #"{"id":3}"#,
            #" { "payload" : { "id" : 4 } , "schema" : null } "#,
        ]
        #expect(try read(keys, .json, path: ["id"]).cells == (1...4).map { .integer($0) })
        #expect(try read([#"{\#(schema),"payload":5}"#], .json).cells == [.integer(5)])
        // More or fewer members make it another object.
        let others = [#"{\#(schema),"payload":{"id":1},"id":6}"#, #"{"payload":{"id":7}}"#, #"{"schema":1,"id":8}"#]
        #expect(try read(others, .json, path: ["id"]).cells == [.integer(6), nil, .integer(8)])
        // A path that begins in the envelope says itself where the value lies.
        let own = [#"{\#(schema),"payload":{"id":1}}"#, #"{"payload":{"id":2}}"#]
        #expect(try read(own, .json, path: ["payload", "id"]).cells == [.integer(1), .integer(2)])
        #expect(
            try read([#"{"schema":{"id":1},"payload":{"id":2}}"#], .json, path: ["schema", "id"]).cells == [.integer(1)]
        )
    }

    @Test("that lies in a line as a number is that number, whatever the format", arguments: MessageKey.Format.allCases)
    func inline(format: MessageKey.Format) throws {
        let records = try Records(
            [Records.key], mapping: RecordMapping(key: MessageKey(format: format)), form: .kcat)
        let lines = ["53", "true", "{}", "1.5"].map { #"{"topic":"t","key":\#($0),"payload":null}"# }
        let chunk = records.decode(lines)
        #expect(chunk.deletedKeys.cells == [.integer(53)])
        #expect(chunk.rejectedLines == [2, 3, 4])
    }

    @Test("that is an object in a line is read as JSON")
    func inlineObject() throws {
        let records = try Records(
            [Records.key], mapping: RecordMapping(key: MessageKey(format: .json, path: ["id"])), form: .kcat)
        let chunk = records.decode(
            #"{"topic":"t","key":{"id":1},"payload":null}"#, #"{"topic":"t","key":"{\"id\":2}","payload":null}"#)
        #expect(chunk.deletedKeys.cells == [.integer(1), .integer(2)])
    }

    @Test("fills fields in every format")
    func fields() throws {
        let formats: [(MessageKey.Format, [UInt8])] = [
            (.text, Array("-7".utf8)), (.json, Array(#""-7""#.utf8)), (.integer, [0xFF, 0xF9]),
        ]
        for (format, key) in formats {
            let mapping = RecordMapping(fields: ["id": .key, "value": .key], key: MessageKey(format: format))
            let chunk = try Records(value: .int64, mapping: mapping, form: .message)
                .decode(
                    TestMessage(bytes: Array("{}".utf8), key: key), TestMessage("{}", offset: 1),
                    TestMessage("{}", key: "x:y"))
            #expect(chunk.rows == [[.integer(-7), .integer(-7)]], "\(format)")
            #expect(chunk.rejects.count == 2)
            #expect(chunk.reasons[0] == "field `id`: null, and the field is not nullable")
        }
    }

    @Test("and a tombstone's meet in one lane with the row's", arguments: MessageKey.Format.allCases)
    func lanes(format: MessageKey.Format) throws {
        var records = try Records(
            [Records.key], mapping: RecordMapping(key: MessageKey(format: format)), form: .message)
        records.lanes = 7
        for number in Int64(-50)...50 {
            let key: [UInt8] =
                format == .integer
                ? [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)] : Array("\(number)".utf8)
            let chunk = records.decode(
                TestMessage(bytes: Array(#"{"id":\#(number)}"#.utf8), key: key), TestMessage(bytes: nil, key: key))
            try #require(chunk.operations.count == 2)
            #expect(chunk.hasSameKey(chunk.operations[0], as: chunk.operations[1], of: chunk))
            #expect(chunk.lanes.filter { !$0.isEmpty } == [[0, 1]])
        }
    }
}
