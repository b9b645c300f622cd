import BackfillCore
import RowDecoding
import Testing

@Suite("A dynamic member, where the way to the server changes numbers")
struct DynamicNumberTests {
    private static let kept = [
        "0", "1", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808", "1.5", "-0.0", "1.0e5",
        "12345678901234567890.5", "1.7976931348623157e308", "0.0", #""x""#, #""12345678901234567890""#, "true", "false",
        "{}", "[]", "{ }", "[ ]", "[1,2.5,-3]", #"{"a":9007199254740992,"b":[-9007199254740992]}"#,
        #"{"a":null,"b":[null,true,"x"]}"#, #"[[[1e5]],{"a":{"b":1e-5}}]"#, #"{"1e5":"9007199254740993"}"#,
    ]

    private static let changed: [(text: String, reason: String)] = [
        ("null", "null would get lost"), (" null ", "null would get lost"),
        ("9223372036854775808", "9223372036854775808 would change"),
        ("-9223372036854775809", "-9223372036854775809 would change"),
        ("18446744073709551616", "18446744073709551616 would change"),
        ("100000000000000000000", "100000000000000000000 would change"), ("1e5", "1e5 would change"),
        ("1E-5", "1E-5 would change"), ("[9007199254740993]", "9007199254740993 would lose digits"),
        ("[1, -9007199254740993 ]", "-9007199254740993 would lose digits"),
        (#"{"a":{"b":[1,2,18014398509481985]}}"#, "18014398509481985 would lose digits"),
        ("[100000000000000000001]", "100000000000000000001 would lose digits"),
        (
            "1\(String(repeating: "0", count: 60))", "1\(String(repeating: "0", count: 39))… would change"
        ),
    ]

    private func records(isExact: Bool = false) throws -> Records {
        try Records(
            [Records.key, FieldSchema(name: "doc", type: .json, isNullable: true)], isDynamic: true,
            mapping: RecordMapping(drop: ["gone"]),
            limits: ServerLimits(name: "Milvus' REST API", missing: isExact ? [] : [.exactDynamicNumbers]))
    }

    @Test("is kept as it stands when it arrives as it is", arguments: kept)
    func isKept(text: String) throws {
        let chunk = try records().decode(#"{"id":1,"m" : \#(text)}"#)
        #expect(chunk.reasons == [])
        #expect(chunk.cells("$meta") == [.text(#"{"m" : \#(text)}"#)])
    }

    @Test("is refused when it does not, with the number", arguments: changed)
    func isRefused(text: String, reason: String) throws {
        let chunk = try records().decode(#"{"id":1,"m":\#(text)}"#, #"{"id":2,"a":1,"\u006d":\#(text)}"#)
        let sentence = "member `m`: \(reason) on the way through Milvus' REST API"
        #expect(chunk.reasons == [sentence, sentence])
    }

    @Test("is kept in any case where numbers arrive as they were written", arguments: changed.map(\.text))
    func exact(text: String) throws {
        let chunk = try records(isExact: true).decode(#"{"id":1,"m":\#(text)}"#)
        #expect(chunk.cells("$meta").count == 1)
    }

    @Test("does not concern members that are left out, nor those of a JSON field", arguments: changed.map(\.text))
    func otherMembers(text: String) throws {
        let chunk = try records().decode(#"{"id":1,"gone":\#(text),"doc":\#(text)}"#)
        #expect(chunk.reasons == [])
        #expect(chunk.cells("$meta") == [.text("{}")])
    }

    @Test("a refused one leaves the next record whole")
    func neighbours() throws {
        let chunk = try records().decode(
            #"{"a":1,"id":1}"#, #"{"b":1,"c":null,"id":2}"#, #"{"d":[9007199254740993],"id":3}"#, #"{"e":2,"id":4}"#)
        #expect(chunk.cells("$meta") == [.text(#"{"a":1}"#), .text(#"{"e":2}"#)])
        #expect(chunk.rejectedLines == [2, 3])
    }
}
