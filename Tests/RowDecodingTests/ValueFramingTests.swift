import BackfillCore
import RowDecoding
import Testing

@Suite("What producers put around a record is taken off")
struct ValueFramingTests {
    private static let notJSON =
        "and what follows is not JSON: this program reads JSON, not Avro or Protobuf"

    /// Messages decoded from a topic, after a look whether a dump of them gives the same.
    private func decode(
        _ values: [[UInt8]], mapping: RecordMapping = RecordMapping(), fields: [FieldSchema] = [Records.key],
        isDynamic: Bool = false
    ) throws -> DecodedChunk {
        let messages = values.enumerated().map { TestMessage(bytes: $1, key: Array("\($0)".utf8), offset: Int64($0)) }
        let chunk = try Records(fields, isDynamic: isDynamic, mapping: mapping, form: .message).decode(messages)
        let lines = try Records(fields, isDynamic: isDynamic, mapping: mapping, form: .kcat).decodeLines(of: messages)
        #expect(lines.rows == chunk.rows)
        #expect(lines.deletedKeys.cells == chunk.deletedKeys.cells)
        #expect(lines.reasons == chunk.reasons)
        #expect(lines.rejects.map(\.payload) == chunk.rejects.map(\.payload))
        return chunk
    }

    private func decode(
        _ values: [String], mapping: RecordMapping = RecordMapping(), fields: [FieldSchema] = [Records.key],
        isDynamic: Bool = false
    ) throws -> DecodedChunk {
        try decode(values.map { Array($0.utf8) }, mapping: mapping, fields: fields, isDynamic: isDynamic)
    }

    @Test("the framing of a schema registry, whatever its number")
    func framing() throws {
        let chunk = try decode(
            [[0, 0, 0, 0, 1], [0, 0, 0, 0, 10], [0, 0xFF, 0x0A, 0x22, 0x7B]].map { $0 + Array(#"{"id":1}"#.utf8) }
                + [[0, 0, 0, 0, 9] + Array("{\n\"id\":1\n}\n".utf8)])
        #expect(chunk.reasons == [])
        #expect(chunk.cells("id") == [1, 1, 1, 1].map(Cell.integer))
    }

    @Test("and a value behind it that is no JSON is called so, with the schema's number")
    func notJSON() throws {
        let values: [[UInt8]] = [
            [0, 0, 0, 1, 0, 0x02, 0x31], [0, 0, 0, 1, 0, 0x31, 0x02], [0, 0, 0, 1, 0], [0, 0, 0, 1, 0, 0x0A],
            [0, 0, 0, 1, 0] + Array(#"{"id":1"#.utf8),
        ]
        let chunk = try decode(values)
        #expect(
            chunk.reasons
                == [String](
                    repeating: "the value has the framing of a schema registry (schema id 256), \(Self.notJSON)",
                    count: 5))
        #expect(chunk.rejects.map(\.payload) == values)
        let records = try decode(
            [Array(#"{"id":"x"}"#.utf8), Array("[1]".utf8), Array("17\n".utf8)].map { [0, 0, 0, 0, 7] + $0 })
        #expect(
            records.reasons == [
                "field `id`: a number is expected, found text", "the record is an array and not an object",
                "the record is a number and not an object",
            ])
    }

    @Test("but a few bytes that only begin like it are none")
    func tooShort() throws {
        let chunk = try decode([[0], [0, 0, 0, 0], [1, 0, 0, 0, 5] + Array(#"{"id":1}"#.utf8)])
        #expect(
            chunk.reasons == [String](repeating: "the record is no JSON value and not an object", count: 3))
    }

    private static let schema = #"{"type":"struct","fields":[{"field":"id","type":"int64"}],"optional":false}"#

    @Test("Connect's envelope, with its members in either order")
    func connectEnvelope() throws {
        let chunk = try decode([
            #"{"schema":\#(Self.schema),"payload":{"id":1}}"#, #"{"payload":{"id":2},"schema":\#(Self.schema)}"#,
            #"{"id":3}"#, " {\t\"schema\" : null , \"payload\" : { \"id\" : 4 } } ",
            #"{"sch\u0065ma":{},"\u0070ayload":{"id":5}}"#,
            "{\n  \"schema\": {},\n  \"payload\": {\n    \"id\": 6\n  }\n}",
        ])
        #expect(chunk.reasons == [])
        #expect(chunk.cells("id") == (1...6).map(Cell.integer))
    }

    @Test("Connect's envelope around a line that is no message")
    func connectLines() throws {
        let chunk = try Records([Records.key]).decode(
            #"{"schema":{},"payload":{"id":1}}"#, #"{"schema":{},"payload":null}"#, #"{"schema":{},"payload":[]}"#)
        #expect(chunk.cells("id") == [.integer(1)])
        #expect(
            chunk.reasons == ["the record is null and not an object", "the record is an array and not an object"])
    }

    @Test("no object that has other members than Connect's envelope")
    func notAnEnvelope() throws {
        let values = [
            #"{"schema":{},"payload":{"id":1},"id":2}"#, #"{"payload":{"id":1},"id":3}"#, #"{"schema":1,"id":4}"#,
            #"{"id":5,"schema":{},"payload":{"id":1}}"#, #"{"schema":{},"schema":{},"payload":{"id":1}}"#,
            #"{"payload":{"id":1},"payload":{"id":1}}"#, #"{"schema":{"id":1}}"#, #"{"payload":{"id":1}}"#,
        ]
        let dynamic = try decode(values, isDynamic: true)
        #expect(dynamic.cells("id") == [2, 3, 4, 5].map(Cell.integer))
        #expect(
            dynamic.cells("$meta") == [
                .text(#"{"schema":{},"payload":{"id":1}}"#), .text(#"{"payload":{"id":1}}"#), .text(#"{"schema":1}"#),
                .text(#"{"schema":{},"payload":{"id":1}}"#),
            ])
        #expect(
            dynamic.reasons == [
                "the record has two values for member `schema`", "the record has two values for member `payload`",
                "field `id`: the record has no value for it", "field `id`: the record has no value for it",
            ])
        let damaged = try decode([
            #"{"schema":{},"payload":{"id":1}"#, #"{"schema":{},"payload":{"id":1}}}"#,
            #"{"schema":{},"payload":{"id":1},}"#, #"{"schema":tru,"payload":{"id":1}}"#,
            #"{"schema":{},"payload":{"id":1}} {}"#,
        ])
        #expect(damaged.rows == [])
        #expect(damaged.reasons.allSatisfy { $0.hasPrefix("not valid JSON") })
    }

    @Test("nothing where a field takes such a member, or a path says where the record lies")
    func ownMembers() throws {
        for name in ["schema", "payload"] {
            let fields = [Records.key, FieldSchema(name: "value", type: .json)]
            let mapping = RecordMapping(fields: ["id": .offset, "value": .member(name)], drop: ["*"])
            let chunk = try decode([#"{"schema":[1],"payload":[1]}"#], mapping: mapping, fields: fields)
            #expect(chunk.rows == [[.integer(0), .text("[1]")]])
        }
        let path = try decode(
            [#"{"schema":{"id":1},"payload":{"id":2}}"#], mapping: RecordMapping(path: ["schema"]))
        #expect(path.cells("id") == [.integer(1)])
    }

    @Test("the framing and the envelope at once")
    func both() throws {
        let chunk = try decode([
            [0, 0, 0, 0, 3] + Array(#"{"schema":{},"payload":{"id":1}}"#.utf8),
            [0, 0, 0, 0, 3] + Array(#"{"schema":{},"payload":null}"#.utf8),
        ])
        #expect(chunk.reasons == [])
        #expect(chunk.operations.map(\.isDelete) == [false, true])
    }

    @Test("a null in the record's place is a tombstone")
    func nullRecords() throws {
        let mapping = RecordMapping(path: ["after"])
        let chunk = try decode(
            [
                #"{"before":{"id":9},"after":null,"op":"d"}"#, #"{"after":{"id":1}}"#, #"{"op":"d"}"#,
                #"{"after":null,"after":null}"#, #"{"after":null"#, #"{"after":nul}"#, #"{"after":null,"x":tru}"#,
                #"{"after":{"id":1},"after":null}"#, "{\"after\":\nnull}", "null",
            ], mapping: mapping)
        #expect(chunk.deletedKeys.cells == [.integer(0), .integer(8)])
        #expect(chunk.operations.map(\.isDelete) == [true, false, true])
        #expect(chunk.rejectedOffsets == [2, 3, 4, 5, 6, 7, 9])
        #expect(chunk.reasons.first == "the document has no `after` (record.path)")
        #expect(chunk.reasons.last == "the record is null and not an object")
        let deep = try decode(
            [#"{"payload":{"after":null}}"#, #"{"payload":null}"#], mapping: RecordMapping(path: ["payload", "after"]))
        #expect(deep.deletedKeys.cells == [.integer(0)])
        #expect(deep.reasons == ["the record is null and not an object"])
        let envelope = try decode([
            #"{"schema":{},"payload":null}"#, #"{"payload":null,"schema":null}"#, "null", #"{"payload":null}"#,
        ])
        #expect(envelope.deletedKeys.cells == [.integer(0), .integer(1)])
        #expect(envelope.rejectedOffsets == [2, 3])
    }

    @Test("and such a tombstone is skipped or rejected like any other")
    func policies() throws {
        let values = [#"{"after":null}"#]
        let skipped = try decode(values, mapping: RecordMapping(path: ["after"], tombstones: .skip))
        #expect(skipped.counts.skipped == 1)
        #expect(skipped.rejects == [])
        let rejected = try decode(values, mapping: RecordMapping(path: ["after"], tombstones: .reject))
        #expect(rejected.reasons == ["the message is a tombstone, and the job rejects those"])
        #expect(rejected.rejects.map(\.payload) == [Array(values[0].utf8)])
        let keyless = try Records([Records.key], mapping: RecordMapping(path: ["after"]), form: .message)
            .decode(TestMessage(values[0]))
        #expect(keyless.reasons == ["the message is a tombstone without a key, so nothing says what to delete"])
        for policy in RecordMapping.Tombstones.allCases {
            let line = try Records([Records.key], mapping: RecordMapping(path: ["after"], tombstones: policy))
                .decode(values)
            #expect(line.reasons == ["the record is null and not an object"])
        }
    }
}
