import BackfillCore
import RowDecoding
import Testing

@Suite("The dynamic field")
struct DynamicFieldTests {
    private static let fields = [
        Records.key, FieldSchema(name: "title", type: .varChar(maxLength: 20), isNullable: true),
    ]

    @Test("takes every member without a field, in order, with its text as it stands")
    func unknownMembers() throws {
        let records = try Records(Self.fields, isDynamic: true)
        let chunk = records.decode(
            #"{"b": 1, "id": 1, "a" :[ 1,2 ],"title":"x","":{"id": 5}, "\u00e9\"" : "\u0041"}"#,
            #"{"id":2,"title":"y"}"#,
            #"{"id":3, "n":null ,"f":1.50e+2}"#)
        #expect(chunk.reasons == [])
        #expect(
            chunk.cells("$meta") == [
                .text(#"{"b": 1,"a" :[ 1,2 ],"":{"id": 5},"\u00e9\"" : "\u0041"}"#), .text("{}"),
                .text(#"{"n":null,"f":1.50e+2}"#),
            ])
        #expect(chunk.columns.map(\.field.name) == ["id", "title", "$meta"])
    }

    @Test("takes no name that stands for a field, however it is spelled")
    func reservedNames() throws {
        let function = FieldSchema(name: "sparse", type: .unsupported("SparseFloatVector"), isFunctionOutput: true)
        let mapping = RecordMapping(fields: ["title": .member("headline")])
        let records = try Records(Self.fields + [function], isDynamic: true, mapping: mapping)
        for name in ["title", #"t\u0069tle"#, "$meta", #"\u0024meta"#, "sparse", #"s\u0070arse"#] {
            let chunk = records.decode(#"{"id":1,"\#(name)":1}"#)
            let reason = try #require(chunk.reasons.first, "\(name)")
            #expect(reason.contains("has no field in the collection"), "\(reason)")
            #expect(chunk.rows == [])
        }
        let chunk = records.decode(#"{"id":1,"headline":"x","Title":1,"meta":2,"$metadata":3}"#)
        #expect(chunk.cells("$meta") == [.text(#"{"Title":1,"meta":2,"$metadata":3}"#)])
        #expect(chunk.cells("title") == [.text("x")])
    }

    @Test("leaves out what record.drop names")
    func dropped() throws {
        let records = try Records(Self.fields, isDynamic: true, mapping: RecordMapping(drop: ["a", "$meta", "é"]))
        let chunk = records.decode(#"{"a":1,"id":1,"b":2,"\u0061":3,"$meta":{},"é":4,"\u00e9":5,"c":6}"#)
        #expect(chunk.cells("$meta") == [.text(#"{"b":2,"c":6}"#)])
        let all = try Records(Self.fields, isDynamic: true, mapping: RecordMapping(drop: ["*"]))
        #expect(all.decode(#"{"a":1,"id":1,"b":2}"#).cells("$meta") == [.text("{}")])
    }

    @Test("a rejected record's members do not show up in the next one")
    func rejected() throws {
        let records = try Records(Self.fields, isDynamic: true)
        let chunk = records.decode(
            #"{"a":1,"id":1}"#, #"{"b":2,"id":"x"}"#, #"{"c":3"#, #"{"d":4,"id":4}"#, #"{"e":5}"#, #"{"id":6}"#)
        #expect(chunk.cells("$meta") == [.text(#"{"a":1}"#), .text(#"{"d":4}"#), .text("{}")])
        #expect(chunk.rejects.map(\.line) == [2, 3, 5])
    }
}
