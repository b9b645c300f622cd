import BackfillCore
import RowDecoding
import Testing

@Suite("A message of kcat")
struct MessageTests {
    private static let text = FieldType.varChar(maxLength: 60)

    private func records(
        value type: FieldType = .json, isNullable: Bool = true, from source: FieldSource? = nil
    ) throws -> Records {
        try Records(
            value: type, isNullable: isNullable, mapping: RecordMapping(fields: source.map { ["value": $0] } ?? [:]),
            form: .kcat)
    }

    /// A message as kcat prints it, with these members in place of its own.
    private func message(_ members: String, payload: String = #"{"id":1}"#) -> String {
        #"{"topic":"t","partition":2,"offset":30,"tstype":"create","ts":1700000000123,"broker":1,"#
            + members + (members.isEmpty ? "" : ",") + #""payload":\#(payload)}"#
    }

    @Test("carries its value as text or as it is")
    func payload() throws {
        let records = try records()
        let chunk = records.decode(
            message("", payload: #""{\"id\":1,\"value\":{\"a\":\"\\u00e9\\n\"}}""#),
            message("", payload: #"{"id":2,"value":{"a":"\u00e9\n"}}"#),
            #"{"payload":"{\"id\":3}","topic":"t"}"#, #"{"payload" : {"id":4} , "topic":"t"}"#,
            message("", payload: #""\u007b\u0022id\u0022:5}""#), message("", payload: #""  {\"id\":6}  ""#))
        #expect(chunk.reasons == [])
        #expect(chunk.cells("id") == (1...6).map(Cell.integer))
        #expect(chunk.cells("value").prefix(2) == [.text(#"{"a":"\u00e9\n"}"#), .text(#"{"a":"\u00e9\n"}"#)])
    }

    @Test("may hold a record that is printed over several lines")
    func prettyPrinted() throws {
        let records = try records(value: Self.text)
        let chunk = records.decode(
            message("", payload: #""\n{\n  \"id\": 1,\r\n  \"value\": \"a\\nb\"\n}\n""#),
            message("", payload: #""{\"id\":2,\"value\":\"a\nb\"}""#),
            message("", payload: #""{\"id\":3}\n{\"id\":4}""#))
        #expect(chunk.rows == [[.integer(1), .text("a\nb")]])
        // A line feed inside a string is no JSON, and the reject keeps it as it was.
        #expect(chunk.rejectedLines == [2, 3])
        #expect(
            chunk.rejects.map(\.payload)
                == [Array("{\"id\":2,\"value\":\"a\nb\"}".utf8), Array("{\"id\":3}\n{\"id\":4}".utf8)])
    }

    @Test("is rejected when its value is no record")
    func badPayload() throws {
        let chunk = try records().decode(
            message("", payload: #""""#), message("", payload: #""null""#), message("", payload: "[]"),
            message("", payload: "1"), message("", payload: "true"), message("", payload: #""{\"id\":1""#))
        #expect(chunk.rows == [])
        #expect(chunk.rejects.count == 6)
        let payloads = ["", "null", "[]", "1", "true", #"{"id":1"#]
        #expect(chunk.rejects.map(\.payload) == payloads.map { Array($0.utf8) })
    }

    @Test("fills fields with its topic, partition, offset and time")
    func metadata() throws {
        let mapping = RecordMapping(
            fields: ["topic": .topic, "partition": .partition, "offset": .offset, "at": .timestamp])
        let fields = [
            Records.key, FieldSchema(name: "topic", type: Self.text), FieldSchema(name: "partition", type: .int32),
            FieldSchema(name: "offset", type: .int64), FieldSchema(name: "at", type: .int64, isNullable: true),
        ]
        let records = try Records(fields, mapping: mapping, form: .kcat)
        let chunk = records.decode(
            message(""), #"{"topic":"t\u00e9","partition":0,"offset":9223372036854775807,"payload":{"id":2}}"#,
            #"{"topic":"","partition":2147483647,"offset":0,"ts":0,"payload":{"id":3}}"#,
            #"{"topic":"t","partition":1,"offset":0,"ts":-1,"payload":"{\"id\":4}"}"#)
        #expect(chunk.reasons == [])
        #expect(
            chunk.rows == [
                [.integer(1), .text("t"), .integer(2), .integer(30), .integer(1_700_000_000_123)],
                [.integer(2), .text("té"), .integer(0), .integer(.max), .absent],
                [.integer(3), .text(""), .integer(.init(Int32.max)), .integer(0), .integer(0)],
                [.integer(4), .text("t"), .integer(1), .integer(0), .absent],
            ])
        let member = records.decode(message("", payload: #"{"id":1,"topic":"mine"}"#))
        #expect(member.rows == [], "a field has one source")
    }

    @Test(
        "leaves no field with a number that it does not have", arguments: [FieldSource.partition, .offset, .timestamp])
    func missingNumbers(source: FieldSource) throws {
        let line = #"{"topic":"t","payload":{"id":1}}"#
        #expect(try records(value: .int64, from: source).decode(line).cells("value") == [.absent])
        let required = try records(value: .int64, isNullable: false, from: source).decode(line)
        #expect(required.reasons == ["field `value`: null, and the field is not nullable"])
    }

    @Test("fills fields with its key")
    func key() throws {
        let texts = try records(value: Self.text, from: .key).decode(
            message(#""key":"a\"\u00e9""#), message(#""key":"""#), message(#""key":null"#), message(""),
            message(#""key":5"#), message(#""key":{"a":1}"#))
        #expect(texts.cells("value") == [.text("a\"é"), .text(""), .absent, .absent])
        #expect(texts.rejectedLines == [5, 6])
        let integers = try records(value: .int64, from: .key).decode(
            message(#""key":"-7""#), message(#""key":8"#), message(#""key":"9223372036854775807""#), message(""),
            message(#""key":"x""#), message(#""key":"""#), message(#""key":"7a""#),
            message(#""key":"9223372036854775808""#),
            message(#""key":{}"#), message(#""key":true"#), message(#""key":"1.5""#), message(#""key":"7 ""#))
        #expect(integers.cells("value") == [.integer(-7), .integer(8), .integer(.max), .absent])
        #expect(integers.rejectedLines == Array(5...12))
        for reason in integers.reasons {
            #expect(reason.hasPrefix("field `value`: the message's key is not an integer"))
        }
    }

    @Test("may give the primary key", arguments: [FieldType.int64, text])
    func primaryKey(type: FieldType) throws {
        let field = FieldSchema(name: "id", type: type, isPrimaryKey: true)
        let records = try Records([field], mapping: RecordMapping(fields: ["id": .key]), form: .kcat)
        let chunk = records.decode(
            message(#""key":"12""#, payload: "{}"), message(#""key":null"#, payload: "{}"),
            message("", payload: #""{}""#),
            message(#""key":"13""#, payload: #"{"id":"13"}"#))
        #expect(chunk.cells("id") == [type == .int64 ? .integer(12) : .text("12")])
        #expect(chunk.rejectedLines == [2, 3, 4])
    }

    @Test("fills fields with the last header of a name")
    func headers() throws {
        let chunk = try records(value: Self.text, from: .header("na\"me")).decode(
            message(#""headers":["na\"me","1","x","2","na\"me","3"]"#), message(#""headers":["x","1"]"#),
            message(#""headers":[]"#), message(""), message(#""headers":["na\"me","1","na\"me",null]"#),
            message(#""headers":["na\"me",null,"na\"me","\u00e9"]"#), message(#""headers":null"#),
            message(#""headers" : [ "x" , null , "n\u0061\u0022me" , "4" ]"#), message(#""headers":["x","na\"me"]"#))
        #expect(chunk.reasons == [])
        #expect(
            chunk.cells("value")
                == [.text("3"), .absent, .absent, .absent, .absent, .text("é"), .absent, .text("4"), .absent])
    }

    @Test("with headers in no shape that kcat prints is rejected where a field needs them")
    func badHeaders() throws {
        let lines = [
            message(#""headers":{"n":"1"}"#), message(#""headers":"n""#), message(#""headers":["n"]"#),
            message(#""headers":["n",1]"#), message(#""headers":[1,"n"]"#), message(#""headers":[["n","1"]]"#),
        ]
        #expect(try records(value: Self.text, from: .header("n")).decode(lines).rows == [])
        #expect(try records().decode(lines).reasons == [], "nobody asked for the headers")
    }

    @Test("too long for its field is rejected and leaves no trace")
    func tooLong() throws {
        let short = FieldType.varChar(maxLength: 2)
        let key = try records(value: short, from: .key)
            .decode(message(#""key":"abc""#), message(#""key":"ab""#), message(#""key":"é\u00e9""#))
        #expect(key.cells("value") == [.text("ab")])
        let header = try records(value: short, from: .header("n"))
            .decode(message(#""headers":["n","abc"]"#), message(#""headers":["n","ab"]"#))
        #expect(header.cells("value") == [.text("ab")])
        #expect(header.reasons == ["field `value`: the text has 3 bytes of UTF-8, the field holds 2"])
    }

    @Test("that is rejected keeps its place, key, time and value")
    func reject() throws {
        let chunk = try records().decode(
            message(#""key":"k\u00e9y""#, payload: #""{\"id\":\"\u00e9\"}""#),
            message(#""key":{"a": 1}"#, payload: #"{"x" : [1]}"#),
            #"{"topic":"t","payload":{}}"#, #"{"topic":"t","partition":3,"payload":{}, "key":null}"#)
        #expect(
            chunk.rejects == [
                Reject(
                    unit: 4, position: .line(Records.place(ofLine: 1)), topic: "t", partition: 2, offset: 30,
                    timestamp: 1_700_000_000_123, key: Array("kéy".utf8), payload: Array(#"{"id":"é"}"#.utf8),
                    reason: "field `id`: a number is expected, found text"),
                Reject(
                    unit: 4, position: .line(Records.place(ofLine: 2)), topic: "t", partition: 2, offset: 30,
                    timestamp: 1_700_000_000_123, key: Array(#"{"a": 1}"#.utf8), payload: Array(#"{"x" : [1]}"#.utf8),
                    reason:
                        "member `x` has no field in the collection: map it in record.fields or name it in record.drop"),
                Reject(
                    unit: 4, position: .line(Records.place(ofLine: 3)), topic: "t", partition: 0, offset: 3,
                    payload: Array("{}".utf8), reason: "field `id`: the record has no value for it"),
                Reject(
                    unit: 4, position: .line(Records.place(ofLine: 4)), topic: "t", partition: 3, offset: 4,
                    payload: Array("{}".utf8), reason: "field `id`: the record has no value for it"),
            ])
    }

    @Test("is rejected with its whole line when it is no message")
    func noMessage() throws {
        let lines = [
            #"{"id":1}"#, #"{"topic":"t","partition":0,"offset":1}"#, #"{"payload":{"id":1}}"#, "[]", "x",
            #"{"topic":1,"payload":{"id":1}}"#, #"{"topic":null,"payload":{"id":1}}"#,
            #"{"topic":"t","offset":-1,"payload":{"id":1}}"#, #"{"topic":"t","offset":1.5,"payload":{"id":1}}"#,
            #"{"topic":"t","partition":"0","payload":{"id":1}}"#, #"{"topic":"t","payload":{"id":1}"#,
            #"{"topic":"t","payload":{"id":1}}}"#, #"{"topic":"t","payload":"{\"id\":1}}"#,
            #"{"topic":"t","payload":{"id":1},}"#, #"{"topic":"t","partition":2147483648,"payload":{"id":1}}"#,
        ]
        let chunk = try records().decode(lines)
        #expect(chunk.rows == [])
        #expect(chunk.rejects.map(\.payload) == lines.map { Array($0.utf8) })
        for (index, reject) in chunk.rejects.enumerated() {
            #expect(reject.reason.hasPrefix("the line is not a message of kcat: "))
            #expect(reject.topic == "dump.jsonl")
            #expect(reject.offset == index + 1)
        }
    }

    @Test("may lead to its record with record.path")
    func path() throws {
        let records = try Records([Records.key], mapping: RecordMapping(path: ["after"]), form: .kcat)
        let chunk = records.decode(
            message("", payload: #"{"before":null,"after":{"id":1}}"#),
            message("", payload: #""{\"after\":{\"id\":2}}""#),
            #"{"topic":"t","after":{"id":3},"payload":{"id":4}}"#)
        #expect(chunk.cells("id") == [.integer(1), .integer(2)])
        #expect(chunk.reasons == ["the document has no `after` (record.path)"])
    }
}
