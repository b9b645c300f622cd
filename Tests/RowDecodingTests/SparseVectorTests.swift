import BackfillCore
import RowDecoding
import TestSupport
import Testing

@Suite("A sparse vector becomes its pairs, ascending by index")
struct SparseVectorTests {
    private static let range = "which goes from 0 to 4294967294"

    private func records(isNullable: Bool = false, missing: Set<ServerLimits.Feature> = []) throws -> Records {
        try Records(
            value: .sparseFloatVector, isNullable: isNullable, limits: ServerLimits(name: "Milvus 9", missing: missing))
    }

    private func cell(_ pairs: [(index: UInt32, value: Float)]) -> Cell {
        .bytes(
            pairs.flatMap { pair in
                [pair.index, pair.value.bitPattern].flatMap { word in
                    (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
                }
            })
    }

    @Test("byte for byte")
    func layout() throws {
        let records = try records()
        let expected = Cell.bytes([
            7, 0, 0, 0, 0, 0, 0, 0x3F, 9, 1, 0, 0, 0, 0, 0x80, 0x3F, 0xFE, 0xFF, 0xFF, 0xFF, 0, 0, 0x20, 0x40,
        ])
        #expect(records.value(#"{"7": 0.5, "265": 1, "4294967294": 2.5}"#) == expected)
        #expect(records.value(#"{"indices":[7,265,4294967294],"values":[0.5,1,2.5]}"#) == expected)
    }

    @Test("in whatever order they are written, in both forms")
    func order() throws {
        let records = try records()
        let expected = cell([(0, 1), (2, 3), (30, 0.5), (400, 7)])
        for text in [
            #"{"0":1,"2":3,"30":0.5,"400":7}"#, #"{"400":7,"30":0.5,"2":3,"0":1}"#,
            #" { "30" : 5e-1 , "0" : 1.0 ,"400":7,"2" :3 } "#, #"{"indices":[0,2,30,400],"values":[1,3,0.5,7]}"#,
            #"{"values":[7,1,3,0.5],"indices":[400,0,2,30]}"#,
            #"{ "values" : [ 3,7,0.5 , 1 ] , "indices":[2, 4e2,30,0.0]}"#,
            #"{"\u0069ndices":[0,2,30,400],"v\u0061lues":[1,3,0.5,7]}"#, #"{"02":3,"0":1,"0000000030":0.5,"400":7}"#,
        ] {
            #expect(records.value(text) == expected, "\(text)")
        }
    }

    @Test("however many there are", arguments: UInt64(1)...10)
    func random(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let records = try records()
        var lines: [String] = []
        var expected: [Cell] = []
        for line in 0..<100 {
            var values: [UInt32: Float] = [:]
            for _ in 0..<random.number(0...60) {
                let index = UInt32(random.number(0...(random.oneIn(2) ? 100 : Int(UInt32.max) - 1)))
                values[index] = Float(random.number(0...1_000_000)) / 1024
            }
            var pairs = values.map { (index: $0.key, value: $0.value) }.sorted { $0.index < $1.index }
            expected.append(cell(pairs))
            pairs.shuffle(using: &random)
            let text =
                random.oneIn(2)
                ? "{\(pairs.map { "\"\($0.index)\":\($0.value)" }.joined(separator: ","))}"
                : "{\"indices\":\(pairs.map(\.index)),\"values\":\(pairs.map(\.value))}"
            lines.append(#"{"value":\#(text),"id":\#(line)}"#)
        }
        let chunk = records.decode(lines)
        #expect(chunk.reasons == [])
        #expect(chunk.cells("value") == expected)
    }

    @Test("none of them twice")
    func duplicates() throws {
        let records = try records()
        for text in [
            #"{"5":1,"5":1}"#, #"{"9":1,"5":1,"7":2,"5":3}"#, #"{"5":1,"05":2}"#,
            #"{"indices":[5,5],"values":[1,2]}"#, #"{"values":[1,2,3],"indices":[5,1,5]}"#,
        ] {
            #expect(records.fault(text) == "field `value`: the sparse vector has two values at index 5", "\(text)")
        }
    }

    @Test(
        "under a name that is an index",
        arguments: [
            "", "-1", "1.0", "1e2", "+1", " 1", "1 ", "x", "4294967295", "4294967296", "9999999999", "00000000001",
            "18446744073709551617", "٣",
        ])
    func badNames(name: String) throws {
        let fault = try records().fault(#"{"3":1,"\#(name)":1}"#)
        #expect(fault == "field `value`: `\(name)` is no index of a sparse vector, \(Self.range)")
        #expect(try records().fault(#"{"\#(name)":1}"#) == fault)
    }

    @Test("under a name that is written with escapes")
    func escapedNames() throws {
        let records = try records()
        #expect(records.value(#"{"\u0037":1,"1\u0030":2}"#) == records.value(#"{"7":1,"10":2}"#))
        #expect(records.value(#"{"\u0037":1}"#) != nil)
    }

    @Test("a long name is cut in the message")
    func longName() throws {
        let fault = try records().fault(#"{"\#(String(repeating: "7", count: 5000))":1}"#)
        let shown = String(repeating: "7", count: 40)
        #expect(fault == "field `value`: `\(shown)` is no index of a sparse vector, \(Self.range)")
    }

    @Test("with values that are not negative and fit")
    func values() throws {
        let records = try records()
        #expect(
            records.fault(#"{"3":1,"4":-0.5}"#)
                == "field `value`: the value at index 4 is -0.5, and a sparse vector holds none below zero")
        #expect(
            records.fault(#"{"indices":[3,4],"values":[-2,1]}"#)
                == "field `value`: the value at index 3 is -2.0, and a sparse vector holds none below zero")
        #expect(records.fault(#"{"3":1e39}"#) == "field `value`: 1e39 does not fit a Float")
        #expect(records.fault(#"{"3":"1"}"#) == "field `value`: a number is expected, found text")
        #expect(records.fault(#"{"3":null}"#) == "field `value`: a number is expected, found null")
        #expect(records.fault(#"{"3":[1]}"#) == "field `value`: a number is expected, found an array")
        #expect(records.value(#"{"3":0,"4":1e-50}"#) == cell([(3, 0), (4, 0)]))
    }

    @Test("from two lists that belong together")
    func lists() throws {
        let records = try records()
        let cases = [
            (
                #"{"indices":[1,2],"values":[1]}"#,
                "`indices` and `values` of the sparse vector are not of the same length"
            ),
            (
                #"{"indices":[1],"values":[1,2]}"#,
                "`indices` and `values` of the sparse vector are not of the same length"
            ),
            (#"{"indices":[],"values":[1]}"#, "`indices` and `values` of the sparse vector are not of the same length"),
            (#"{"indices":[1],"values":[]}"#, "`indices` and `values` of the sparse vector are not of the same length"),
            (#"{"indices":[1]}"#, "the sparse vector has only one of `indices` and `values`"),
            (#"{"values":[1]}"#, "the sparse vector has only one of `indices` and `values`"),
            (#"{"indices":1,"values":[1]}"#, "`indices` and `values` of the sparse vector are not both arrays"),
            (#"{"indices":[1],"values":{"1":1}}"#, "`indices` and `values` of the sparse vector are not both arrays"),
            (#"{"indices":null,"values":null}"#, "`indices` and `values` of the sparse vector are not both arrays"),
            (
                #"{"indices":[1],"values":[1],"dim":3}"#,
                "the sparse vector has `dim` beside `indices` and `values`"
            ),
            (
                #"{"indices":[1],"values":[1],"indices":[1]}"#,
                "the sparse vector has `indices` beside `indices` and `values`"
            ),
            (#"{"indices":[-1],"values":[1]}"#, "-1 is outside of 0...4294967294"),
            (#"{"indices":[4294967295],"values":[1]}"#, "4294967295 is outside of 0...4294967294"),
            (#"{"indices":[1.5],"values":[1]}"#, "1.5 is not a whole number"),
            (#"{"indices":["1"],"values":[1]}"#, "a number is expected, found text"),
            (#"{"3":1,"indices":[1]}"#, "`indices` is no index of a sparse vector, \(Self.range)"),
        ]
        for (text, sentence) in cases {
            #expect(records.fault(text) == "field `value`: \(sentence)", "\(text)")
        }
    }

    @Test("and from nothing else")
    func otherValues() throws {
        let records = try records()
        #expect(
            records.fault("[1,2]") == "field `value`: a sparse vector is expected, an object, found an array")
        #expect(records.fault("1") == "field `value`: a sparse vector is expected, an object, found a number")
        #expect(records.fault(#""AAAA""#) == "field `value`: a sparse vector is expected, an object, found text")
        #expect(records.fault("null") == "field `value`: null, and the field is not nullable")
        for text in [
            #"{"1":1]"#, #"{"1":1,}"#, #"{"1":1 "2":1}"#, #"{"1"}"#, "{1:1}", #"{"indices":[1,],"values":[1]}"#,
        ] {
            #expect(records.fault(text)?.hasPrefix("field `value`: not valid JSON: ") == true, "\(text)")
        }
    }

    @Test("and may be empty or without weight, where the server takes such")
    func empty() throws {
        let empty = ["{}", "{ }", #"{"indices":[],"values":[]}"#, #"{"values": [ ],"indices":[ ]}"#]
        let weightless = [#"{"3":0}"#, #"{"3":0,"9":-0.0}"#, #"{"indices":[3],"values":[1e-60]}"#]
        let all = try records()
        for text in empty { #expect(all.value(text) == .bytes([]), "\(text)") }
        #expect(all.value(#"{"3":0}"#) == cell([(3, 0)]))
        let lite = try records(missing: [.emptySparseVectors])
        for text in empty + weightless {
            #expect(
                lite.fault(text)
                    == "field `value`: the vector has no value other than zero, and Milvus 9 takes none such", "\(text)"
            )
        }
        #expect(lite.value(#"{"3":0,"9":1}"#) == cell([(3, 0), (9, 1)]))
        let chunk = lite.decode(
            #"{"id":1,"value":{"1":1}}"#, #"{"id":2,"value":{}}"#, #"{"id":3,"value":{"1":0}}"#,
            #"{"id":4,"value":{"2":1}}"#)
        #expect(chunk.cells("value") == [cell([(1, 1)]), cell([(2, 1)])])
        #expect(chunk.rejectedLines == [2, 3])
    }

    @Test("and may be null in a nullable field, where the server takes that")
    func absentValues() throws {
        let lines = [#"{"id":1}"#, #"{"id":2,"value":null}"#, #"{"id":3,"value":{"1":1}}"#]
        let full = try records(isNullable: true).decode(lines)
        #expect(full.cells("value") == [.absent, .absent, cell([(1, 1)])])
        let lite = try records(isNullable: true, missing: [.nullSparseVectors]).decode(lines)
        #expect(lite.cells("value") == [cell([(1, 1)])])
        #expect(
            lite.reasons == [
                "field `value`: null, and Milvus 9 takes none in a sparse vector",
                "field `value`: null, and Milvus 9 takes none in a sparse vector",
            ])
    }

    @Test("and a rejected one leaves the next one whole")
    func neighbours() throws {
        let chunk = try records().decode(
            #"{"id":1,"value":{"1":1}}"#, #"{"id":2,"value":{"1":1,"x":2}}"#, #"{"id":3,"value":{"4":1,"2":1,"4":1}}"#,
            #"{"id":4,"value":{"indices":[1,2],"values":[1]}}"#, #"{"id":5,"value":{"8":1,"2":3}}"#)
        #expect(chunk.cells("value") == [cell([(1, 1)]), cell([(2, 3), (8, 1)])])
        #expect(chunk.rejectedLines == [2, 3, 4])
    }
}
