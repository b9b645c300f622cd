import BackfillCore
import RowDecoding
import Testing

@Suite("A JSON value")
struct JSONValueTests {
    private static let hugeNumber = "a number in it does not fit a Double, and servers refuse such JSON"

    private static let huge = [
        "1e309", "-1e309", "1.7976931348623159e308", "1" + String(repeating: "0", count: 309), "[1,[2,{\"a\":1e400}]]",
        #"{"a":{"b":-1e99999}}"#, "0.001e312", "[1e999999999999999999999]", "1797693134862315907729e289",
    ]

    private static let fitting = [
        "1e308", "1.7976931348623157e308", "-1.7976931348623158e308", "0e999", "0.0e99999", "1e-999",
        "[1e-400,-1e-999]",
        "0.000001e310", "100000000000000000000000000000000000000000", "9" + String(repeating: "0", count: 307),
        "0.\(String(repeating: "0", count: 400))1e500", #"{"1e999":"1e999"}"#, #""1e999""#,
    ]

    @Test("has no number beyond a Double, which servers refuse with the whole request", arguments: huge)
    func hugeNumbers(text: String) throws {
        let records = try Records(
            [Records.key, FieldSchema(name: "value", type: .json, isNullable: true)], isDynamic: true)
        #expect(records.fault(text) == "field `value`: \(Self.hugeNumber)")
        let chunk = records.decode(#"{"id":1,"x":\#(text)}"#, #"{"id":2,"x":1,"\u0079":\#(text)}"#, #"{"id":3,"x":1}"#)
        #expect(chunk.reasons == ["member `x`: \(Self.hugeNumber)", "member `y`: \(Self.hugeNumber)"])
        #expect(chunk.cells("$meta") == [.text(#"{"x":1}"#)])
    }

    @Test("has any other number, as it is written", arguments: fitting)
    func otherNumbers(text: String) throws {
        let records = try Records(
            [Records.key, FieldSchema(name: "value", type: .json, isNullable: true)], isDynamic: true)
        #expect(records.value(text) == .text(text))
        #expect(records.decode(#"{"id":1,"x":\#(text)}"#).cells("$meta") == [.text(#"{"x":\#(text)}"#)])
    }

    @Test("that goes nowhere may have any number", arguments: huge)
    func dropped(text: String) throws {
        for drop in ["x", "*"] {
            for isDynamic in [true, false] {
                let records = try Records([Records.key], isDynamic: isDynamic, mapping: RecordMapping(drop: [drop]))
                #expect(records.decode(#"{"x":\#(text),"id":1}"#).cells("id") == [.integer(1)])
            }
        }
        let inside = try Records([Records.key], mapping: RecordMapping(path: ["after"]))
        #expect(inside.decode(#"{"before":\#(text),"after":{"id":1}}"#).cells("id") == [.integer(1)])
    }

    @Test("may be of any kind, where the server says nothing else")
    func anyKind() throws {
        let records = try Records(value: .json)
        for text in ["{}", "[]", #"{"a":[1]}"#, "[1,null]", #""x""#, "1", "-1.5e3", "true", "false"] {
            #expect(records.value(text) == .text(text))
        }
    }

    private static let kinds = [
        ("[1]", "an array"), (#""x""#, "text"), ("1", "a number"), ("-1", "a number"), ("true", "a truth value"),
        ("false", "a truth value"),
    ]

    @Test("may be an object or an array only, for some servers", arguments: kinds)
    func objectsAndArrays(text: String, kind: String) throws {
        let records = try Records(value: .json, limits: ServerLimits(name: "Milvus Lite 3", missing: [.jsonScalars]))
        #expect(records.value(#" {"a":1} "#) == .text(#"{"a":1}"#))
        let sentence = "field `value`: \(kind), and Milvus Lite 3 takes objects and arrays only"
        #expect(records.fault(text) == (text == "[1]" ? nil : sentence))
    }

    @Test("may be an object only, for others", arguments: kinds)
    func objects(text: String, kind: String) throws {
        for missing in [[ServerLimits.Feature.jsonArrays], [.jsonArrays, .jsonScalars]] {
            let records = try Records(value: .json, limits: ServerLimits(name: "Milvus 2.3", missing: Set(missing)))
            #expect(records.value(#" {"a":1} "#) == .text(#"{"a":1}"#))
            #expect(records.fault(text) == "field `value`: \(kind), and Milvus 2.3 takes objects only")
        }
    }

    @Test("of a nullable field may be null in any case")
    func absentValues() throws {
        let limits = ServerLimits(name: "Milvus 2.3", missing: [.jsonArrays, .jsonScalars])
        let records = try Records(value: .json, isNullable: true, limits: limits)
        #expect(records.value("null") == .absent)
    }

    @Test("that is not JSON is refused as such, whatever kinds there are")
    func malformed() throws {
        let records = try Records(value: .json, limits: ServerLimits(name: "Milvus 2.3", missing: [.jsonArrays]))
        #expect(records.fault("{1}") == "field `value`: not valid JSON: a member's name is missing at byte 21")
        #expect(records.fault("}") == "field `value`: no JSON value, and Milvus 2.3 takes objects only")
    }
}
