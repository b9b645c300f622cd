import BackfillCore
import RowDecoding
import Testing

@Suite("The default of a field, where the server does not fill it in")
struct FilledDefaultTests {
    private static let limits = ServerLimits(name: "Milvus 2.3", missing: [.absentValues])

    private static let cases: [(FieldType, DefaultValue, text: String, written: Cell, filled: Cell)] = [
        (.bool, .bool(true), "false", .integer(0), .integer(1)), (.int8, .int(-7), "1", .integer(1), .integer(-7)),
        (.int32, .int(.max), "1", .integer(1), .integer(2_147_483_647)),
        (.int64, .long(.min), "1", .integer(1), .integer(.min)), (.float, .float(1.5), "2", .floats(2), .floats(1.5)),
        (.double, .double(-0.0), "2", .double(2.0.bitPattern), .double((-0.0).bitPattern)),
        (.varChar(maxLength: 9), .text("né"), #""x""#, .text("x"), .text("né")),
        (.varChar(maxLength: 9), .text(""), #""x""#, .text("x"), .text("")),
        (.json, .bytes(Array(#"{"a":1}"#.utf8)), "[]", .text("[]"), .text(#"{"a":1}"#)),
    ]

    @Test("is written for a value that is missing or null", arguments: cases.indices)
    func filledIn(index: Int) throws {
        let (type, defaultValue, text, written, filled) = Self.cases[index]
        for isNullable in [true, false] {
            let records = try Records(
                value: type, isNullable: isNullable, defaultValue: defaultValue, limits: Self.limits)
            let chunk = records.decode(
                #"{"id":1}"#, #"{"id":2,"value":\#(text)}"#, #"{"id":3,"value":null}"#, #"{"value":\#(text),"id":4}"#)
            #expect(chunk.reasons == [])
            #expect(chunk.cells("value") == [filled, written, filled, written])
            #expect(chunk.columns[1].isPresent == (isNullable ? [true, true, true, true] : []))
            #expect(chunk.columns[1].field.defaultValue == nil)
            #expect(records.plan.fields[1].defaultValue == nil)
        }
    }

    @Test("is left to a server that fills it in", arguments: cases.indices)
    func leftOut(index: Int) throws {
        let (type, defaultValue, text, written, _) = Self.cases[index]
        let records = try Records(value: type, defaultValue: defaultValue)
        let chunk = records.decode(#"{"id":1}"#, #"{"id":2,"value":\#(text)}"#, #"{"id":3,"value":null}"#)
        #expect(chunk.cells("value") == [.absent, written, .absent])
        #expect(records.plan.fields[1].defaultValue == defaultValue)
    }

    @Test("does not stand for a value that does not fit")
    func misfits() throws {
        let records = try Records(value: .int8, defaultValue: .int(7), limits: Self.limits)
        let chunk = records.decode(
            #"{"id":1,"value":300}"#, #"{"id":2}"#, #"{"value":null,"id":"x"}"#, #"{"id":4,"value":5}"#)
        #expect(chunk.rows == [[.integer(2), .integer(7)], [.integer(4), .integer(5)]])
        #expect(chunk.rejectedLines == [1, 3])
    }

    @Test("is written for a message without the header or the key that the field takes")
    func messages() throws {
        let fields = [
            Records.key, FieldSchema(name: "source", type: .varChar(maxLength: 9), defaultValue: .text("none")),
            FieldSchema(name: "at", type: .int64, defaultValue: .long(-1)),
        ]
        let mapping = RecordMapping(fields: ["source": .header("s"), "at": .timestamp])
        let records = try Records(fields, mapping: mapping, form: .message, limits: Self.limits)
        let chunk = records.decoder.decode(
            .messages(
                MessageChunk([
                    TestMessage(#"{"id":1}"#, timestamp: 5, headers: [MessageHeader("s", "x")]),
                    TestMessage(#"{"id":2}"#), TestMessage(#"{"id":3}"#, headers: [MessageHeader("s", nil)]),
                ])))
        #expect(chunk.reasons == [])
        #expect(chunk.cells("source") == [.text("x"), .text("none"), .text("none")])
        #expect(chunk.cells("at") == [.integer(5), .integer(-1), .integer(-1)])
    }

    @Test("a nullable field without one is null all the same")
    func nullable() throws {
        let records = try Records(value: .int8, isNullable: true, limits: Self.limits)
        #expect(records.decode(#"{"id":1}"#).cells("value") == [.absent])
    }
}
