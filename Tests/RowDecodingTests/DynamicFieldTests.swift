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
        let function = FieldSchema(name: "sparse", type: .sparseFloatVector, isFunctionOutput: true)
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

    @Test("takes no second value for a member, however it is spelled and however many there are")
    func duplicates() throws {
        let records = try Records(Self.fields, isDynamic: true, mapping: RecordMapping(drop: ["gone"]))
        let chunk = records.decode(
            #"{"id":1,"a":1,"b":2,"a":1}"#, #"{"a":1,"id":2,"\u0061":2}"#, #"{"é":1,"id":3,"\u00e9":2}"#,
            #"{"id":4,"a":1,"A":2,"ab":3,"":4}"#, #"{"id":5,"a":1}"#, #"{"id":6,"":1,"":2}"#,
            #"{"id":7,"gone":1,"gone":2}"#)
        #expect(chunk.cells("id") == [.integer(4), .integer(5), .integer(7)])
        #expect(
            chunk.reasons
                == ["a", "a", "é", ""].map { "the record has two values for member `\($0)`" })
        for count in [1, 31, 32, 33, 34, 200] {
            let members = (0..<count).map { #""m\#($0)":\#($0)"# }
            let whole = "{" + members.joined(separator: ",") + "}"
            let inner = whole.dropFirst()
            #expect(
                records.decode(#"{"id":1,\#(inner)"#, #"{"id":2,\#(inner)"#).cells("$meta") == [
                    .text(whole), .text(whole),
                ])
            for repeated in [0, count / 2, count - 1] {
                let again = records.decode(#"{"id":1,"m\#(repeated)":0,\#(inner)"#, #"{"id":2,\#(inner)"#)
                #expect(again.reasons == ["the record has two values for member `m\(repeated)`"])
                #expect(again.cells("$meta") == [.text(whole)])
            }
        }
    }

    @Test("a rejected record's members do not show up in the next one")
    func rejected() throws {
        let records = try Records(Self.fields, isDynamic: true)
        let chunk = records.decode(
            #"{"a":1,"id":1}"#, #"{"b":2,"id":"x"}"#, #"{"c":3"#, #"{"d":4,"id":4}"#, #"{"e":5}"#, #"{"id":6}"#)
        #expect(chunk.cells("$meta") == [.text(#"{"a":1}"#), .text(#"{"d":4}"#), .text("{}")])
        #expect(chunk.rejectedLines == [2, 3, 5])
    }
}
