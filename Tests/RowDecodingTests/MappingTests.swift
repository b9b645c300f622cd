import BackfillCore
import RowDecoding
import Testing

@Suite("The record mapping")
struct MappingTests {
    private static let fields = [
        Records.key, FieldSchema(name: "title", type: .varChar(maxLength: 20)), FieldSchema(name: "size", type: .int32),
    ]

    @Test("gives a field the member that record.fields names")
    func renamed() throws {
        let mapping = RecordMapping(fields: [
            "title": .member("head\"line"), "size": .member("title"), "id": .member(""),
        ])
        let chunk = try Records(Self.fields, mapping: mapping).decode(
            #"{"":1,"head\"line":"x","title":2}"#, #"{"\u0074itle":3,"":4,"h\u0065ad\u0022line":"y"}"#,
            #"{"":1,"headline":"x","title":2}"#, #"{"":1,"head\"line":"x","title":2,"size":3}"#)
        #expect(chunk.rows == [[.integer(1), .text("x"), .integer(2)], [.integer(4), .text("y"), .integer(3)]])
        #expect(chunk.reasons.count == 2)
        #expect(
            chunk.reasons.last
                == "member `size` has no field in the collection: map it in record.fields or name it in record.drop")
    }

    @Test("takes members in any order and knows their names when they are escaped")
    func order() throws {
        let chunk = try Records(Self.fields).decode(
            #"{"id":1,"title":"a","size":1}"#, #"{"size":2,"title":"b","id":2}"#, #"{"title":"c","id":3,"size":3}"#,
            #"{"\u0069\u0064":4,"si\u007Ae":4,"title":"d"}"#)
        #expect(chunk.cells("id") == [.integer(1), .integer(2), .integer(3), .integer(4)])
        #expect(chunk.cells("title") == [.text("a"), .text("b"), .text("c"), .text("d")])
        #expect(chunk.cells("size") == [.integer(1), .integer(2), .integer(3), .integer(4)])
    }

    @Test("tells names apart that begin alike, differ in case or look alike")
    func similarNames() throws {
        let records = try Records(
            ["id", "ID", "i", "idd", "é"].map { FieldSchema(name: $0, type: .int64, isPrimaryKey: $0 == "id") })
        let chunk = records.decode(#"{"idd":4,"é":5,"ID":2,"i":3,"id":1}"#)
        #expect(chunk.rows == [[1, 2, 3, 4, 5].map(Cell.integer)])
        // The same letter as two scalars is another name: names are compared as bytes.
        #expect(records.decode("{\"idd\":4,\"e\u{301}\":5,\"ID\":2,\"i\":3,\"id\":1}").rows == [])
    }

    @Test("refuses a second value for a field, even if it is the same, null or escaped")
    func duplicates() throws {
        let records = try Records(value: .int8, isNullable: true)
        for line in [
            #"{"id":1,"value":1,"value":1}"#, #"{"id":1,"value":null,"value":1}"#, #"{"id":1,"value":1,"value":null}"#,
            #"{"value":1,"id":1,"v\u0061lue":2}"#, #"{"value":null,"value":null,"id":1}"#,
        ] {
            #expect(records.decode(line).reasons == ["field `value`: the record has two values for it"], "\(line)")
        }
        #expect(records.decode(#"{"id":1,"id":1}"#).reasons == ["field `id`: the record has two values for it"])
        // What one record fills must not count for the next.
        #expect(records.decode(#"{"id":1,"value":1}"#, #"{"id":2,"value":1}"#).reasons == [])
    }

    @Test("refuses an unknown member that record.drop does not name")
    func unknownMember() throws {
        let records = try Records([Records.key], mapping: RecordMapping(drop: ["a", "c"]))
        let chunk = records.decode(#"{"id":1,"a":[{}],"c":null}"#, #"{"id":2,"b":1}"#, #"{"A":1,"id":3}"#)
        #expect(chunk.cells("id") == [.integer(1)])
        #expect(chunk.reasons.count == 2)
        #expect(chunk.reasons.first?.hasPrefix("member `b` has no field") == true)
        let all = try Records([Records.key], mapping: RecordMapping(drop: ["*"]))
        #expect(all.decode(#"{"b":1,"id":2,"*":3}"#).reasons == [])
        #expect(all.decode(#"{"b":1,"id":2,"x":tru}"#).reasons.count == 1, "what is left out is still checked")
    }

    @Test("record.drop does not take a field's value away")
    func droppedField() throws {
        let records = try Records(Self.fields, mapping: RecordMapping(drop: ["title"]))
        #expect(records.decode(#"{"id":1,"title":"x","size":1}"#).cells("title") == [.text("x")])
    }

    @Test("finds the record where record.path leads")
    func path() throws {
        let records = try Records([Records.key], mapping: RecordMapping(path: ["data", "after"]))
        let chunk = records.decode(
            #"{"data":{"after":{"id":1}}}"#,
            #"{"x":[1],"data":{"before":{"id":9},"after":{"id":2},"y":{}},"after":{"id":8}}"#,
            #" { "data" : { "after" : { "id" : 3 } } } "#, #"{"d\u0061ta":{"\u0061fter":{"id":4}}}"#)
        #expect(chunk.reasons == [])
        #expect(chunk.cells("id") == [.integer(1), .integer(2), .integer(3), .integer(4)])
    }

    @Test("rejects a document that does not hold the record where record.path leads")
    func missingPath() throws {
        let records = try Records([Records.key], mapping: RecordMapping(path: ["data", "after"]))
        let cases = [
            ("{}", "the document has no `data` (record.path)"),
            (#"{"id":1}"#, "the document has no `data` (record.path)"),
            (#"{"data":{}}"#, "the document has no `after` (record.path)"),
            (#"{"after":{"id":1}}"#, "the document has no `data` (record.path)"),
            (#"{"data":[]}"#, "the record is an array and not an object"),
            (#"{"data":null}"#, "the record is null and not an object"),
            (#"{"data":{"after":null}}"#, "the record is null and not an object"),
            (#"{"data":{"after":"x"}}"#, "the record is text and not an object"),
            (#"[{"data":{"after":{"id":1}}}]"#, "the record is an array and not an object"),
        ]
        for (line, reason) in cases {
            #expect(records.decode(line).reasons == [reason], "\(line)")
        }
        for line in [
            #"{"data":{"after":{"id":1}}"#, #"{"data":{"after":{"id":1}}}}"#, #"{"data":{"after":{"id":1},}}"#,
        ] {
            #expect(records.decode(line).rows == [], "\(line)")
        }
    }

    @Test("rejects a document with two records, so that neither is lost unseen")
    func twoRecords() throws {
        let records = try Records([Records.key], isDynamic: true, mapping: RecordMapping(path: ["after"]))
        for line in [
            #"{"after":{"id":1},"after":{"id":2}}"#, #"{"after":{"id":1},"\u0061fter":{"id":1}}"#,
            #"{"after":{"id":1},"after":null}"#,
        ] {
            #expect(
                records.decode(line).reasons == ["the document has two values for `after` (record.path)"], "\(line)")
        }
        #expect(records.decode(#"{"after":{"id":1,"after":2}}"#).reasons == [])
    }

    @Test("a record that is no object is rejected for what it is")
    func notAnObject() throws {
        let records = try Records([Records.key])
        let chunk = records.decode("[]", "1", #""x""#, "true", "null", "x", "\u{FEFF}{}")
        #expect(
            chunk.reasons
                == ["an array", "a number", "text", "a truth value", "null", "no JSON value", "no JSON value"]
                .map { "the record is \($0) and not an object" })
    }
}
