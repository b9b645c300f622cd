import BackfillCore
import Foundation
import RowDecoding
import Testing

@Suite("The members of a kcat line")
struct EnvelopeMemberTests {
    private static let text = FieldType.varChar(maxLength: 60)

    private func records(_ fields: [String: FieldSource] = [:]) throws -> Records {
        try Records(
            value: Self.text, isNullable: true, mapping: RecordMapping(fields: fields), form: .kcat)
    }

    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    @Test("in base64 go before those that they are named after, wherever they stand")
    func base64Members() throws {
        let payload = base64(#"{"id":1}"#)
        let lines = [
            #"{"topic":"t","key":"no","payload":"no","key_base64":"\#(base64("k"))","payload_base64":"\#(payload)"}"#,
            #"{"payload_base64":"\#(payload)","key_base64":"\#(base64("k"))","payload":null,"key":null,"topic":"t"}"#,
            #"{"topic":"t","payload_base64":"\#(payload)","key_base64":"aw"}"#,
        ]
        let chunk = try records(["value": .key]).decode(lines)
        #expect(chunk.reasons == [])
        #expect(chunk.rows == [[Cell]](repeating: [.integer(1), .text("k")], count: 3))
        let tombstones = try records().decode(
            #"{"topic":"t","key":"no","key_base64":"\#(base64("7"))","payload":null}"#,
            #"{"topic":"t","key":"8","payload":null,"payload_base64":""}"#)
        #expect(tombstones.deletedKeys.cells == [.integer(7)])
        #expect(tombstones.reasons == ["the message's value is empty"])
    }

    @Test("in base64 hold headers in the shape of the others")
    func base64Headers() throws {
        let (a, b) = (base64("a"), base64("b"))
        func line(_ encoded: String) -> String {
            #"{"topic":"t","headers":["a","no"],"headers_base64":\#(encoded),"payload":{"id":1}}"#
        }
        let chunk = try records(["value": .header("a")]).decode(
            line(#"["\#(a)","\#(b)"]"#), line(#"["\#(b)","\#(a)"]"#), line(#"["\#(a)",null]"#),
            line(#"["\#(a)","\#(a)","\#(a)",""]"#), line("[]"), line("null"))
        #expect(chunk.reasons == [])
        #expect(chunk.cells("value") == [.text("b"), .absent, .absent, .text(""), .absent, .absent])
        let wrong = [#"["a!","\#(b)"]"#, #"["\#(a)","b!"]"#, #"["\#(a)"]"#, "{}", #""\#(a)""#, #"["a\/==","\#(b)"]"#]
        let rejected = try records(["value": .header("a")]).decode(wrong.map(line))
        #expect(rejected.rows == [])
        #expect(rejected.reasons.first == "field `value`: `headers_base64` is not base64")
        #expect(try records().decode(wrong.map(line)).reasons == [], "nobody asked for the headers")
    }

    @Test("in base64 that is none leave the whole line as the reject")
    func badBase64() throws {
        let lines = [
            #"{"topic":"t","payload":"{}","payload_base64":"e30!"}"#,
            #"{"topic":"t","payload":"{}","payload_base64":"e"}"#,
            #"{"topic":"t","payload":"{}","payload_base64":"e3\/="}"#,
            #"{"topic":"t","payload":"{}","payload_base64":null}"#, #"{"topic":"t","payload":"{}","payload_base64":1}"#,
            #"{"topic":"t","payload":null,"key_base64":"!"}"#,
        ]
        let chunk = try records().decode(lines)
        #expect(chunk.operations.isEmpty)
        #expect(chunk.rejects.map(\.payload) == lines.map { Array($0.utf8) })
        #expect(chunk.reasons.first == "the line is not a message of kcat: `payload_base64` is not base64")
        #expect(chunk.reasons.last == "the line is not a message of kcat: `key_base64` is not base64")
        for reason in chunk.reasons { #expect(reason.hasPrefix("the line is not a message of kcat: ")) }
    }

    @Test(
        "stand once",
        arguments: [
            ("topic", #""u""#), ("partition", "1"), ("offset", "1"), ("ts", "1"), ("headers", "[]"), ("key", #""k""#),
            ("payload", #"{"id":2}"#), ("key_base64", #""""#), ("payload_base64", #""""#), ("headers_base64", "[]"),
        ])
    func duplicates(name: String, value: String) throws {
        let others = ["topic": #""t""#, "payload": #"{"id":1}"#].filter { $0.key != name }
            .map { #""\#($0.key)":\#($0.value)"# }
        let member = #""\#(name)":\#(value)"#
        let escaped = String(format: #""\u%04x%@":%@"#, Int(name.utf8.first ?? 0), String(name.dropFirst()), value)
        for second in [member, escaped] {
            let line = "{" + (others + [member, second]).joined(separator: ",") + "}"
            let chunk = try records().decode(line)
            #expect(chunk.reasons == ["the line is not a message of kcat: it has two values for `\(name)`"], "\(line)")
            #expect(chunk.rejects.map(\.payload) == [Array(line.utf8)])
        }
    }

    @Test("may repeat where nobody reads them")
    func unknownDuplicates() throws {
        let chunk = try records().decode(#"{"topic":"t","broker":1,"broker":2,"payload":{"id":1},"x":{},"x":[]}"#)
        #expect(chunk.reasons == [])
    }

    @Test("that say that kcat could not decode a part make no tombstone of its null")
    func decodingErrors() throws {
        let lines = [
            #"{"topic":"t","partition":0,"offset":1,"key":"1","payload":null,"payload_error":"Invalid schema"}"#,
            #"{"topic":"t","partition":0,"offset":2,"key":null,"key_error":"Invalid schema","payload":null}"#,
        ]
        for tombstones in [RecordMapping.Tombstones.delete, .skip] {
            let records = try Records([Records.key], mapping: RecordMapping(tombstones: tombstones), form: .kcat)
            let chunk = records.decode(lines[0])
            #expect(chunk.operations.isEmpty)
            #expect(chunk.counts.skipped == 0)
            #expect(
                chunk.reasons == ["the line is not a message of kcat: kcat could not decode its key or payload"])
            #expect(chunk.rejects.map(\.payload) == [Array(lines[0].utf8)])
        }
        #expect(try records().decode(lines).rejectedLines == [1, 2])
        let good = #"{"topic":"t","key":null,"key_error":"Invalid schema","payload":{"id":1}}"#
        #expect(try records().decode(good).reasons == [], "nobody asked for the key")
        #expect(try records(["value": .key]).decode(good).reasons.count == 1)
        #expect(DumpSource.Envelope.detected(in: Records.chunk(Array("\(lines[0])\n".utf8))) == .kcat)
    }

    @Test("are kept in a reject, the headers where they can be read")
    func rejects() throws {
        func line(_ headers: String) -> String {
            #"{"topic":"t","partition":2,"offset":9,"ts":5,"key_base64":"/w==",\#(headers)"payload":"{}"}"#
        }
        func reject(_ headers: [MessageHeader], line: Int) -> Reject {
            Reject(
                unit: 4, position: .line(Records.place(ofLine: line)), topic: "t", partition: 2, offset: 9,
                timestamp: 5,
                headers: headers, key: [0xFF], payload: Array("{}".utf8),
                reason: "field `id`: the record has no value for it")
        }
        let chunk = try records().decode(
            line(#""headers":["a","\u00e9","a",null,"","x"],"#),
            line(#""headers":["a","1"],"headers_base64":["YQ==","/wA=","YQ==",null],"#), line(""),
            line(#""headers":["a",1],"#), line(#""headers":{"a":["1"]},"#), line(#""headers_base64":["a!",null],"#))
        #expect(
            chunk.rejects == [
                reject([MessageHeader("a", "é"), MessageHeader("a", nil), MessageHeader("", "x")], line: 1),
                reject([MessageHeader(name: "a", value: [0xFF, 0]), MessageHeader("a", nil)], line: 2),
                reject([], line: 3), reject([], line: 4), reject([], line: 5), reject([], line: 6),
            ])
    }
}
