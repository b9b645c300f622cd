import BackfillCore
import RowDecoding
import Testing

@Suite("An array is taken element by element")
struct ArrayTests {
    private func records(_ element: FieldType, capacity: Int = 4) throws -> Records {
        try Records(value: .array(element: element, maxCapacity: capacity))
    }

    private func bytes(_ cell: Cell?, location: SourceLocation = #_sourceLocation) throws -> [UInt8] {
        guard case .bytes(let bytes) = try #require(cell, sourceLocation: location) else { return [] }
        return bytes
    }

    @Test("of every element type")
    func elementTypes() throws {
        #expect(ArrayElements.integers(try bytes(records(.bool).value("[true, false]"))) == [1, 0])
        for type in [FieldType.int8, .int16, .int32, .int64] {
            #expect(
                ArrayElements.integers(try bytes(records(type).value("[-128, 0,127 , 1e2]"))) == [-128, 0, 127, 100])
        }
        let ends = try records(.int64).value("[-9223372036854775808, 9223372036854775807]")
        #expect(ArrayElements.integers(try bytes(ends)) == [.min, .max])
        #expect(ArrayElements.floats(try bytes(records(.float).value("[1.5, -0.1, 3e38]"))) == [1.5, -0.1, 3e38])
        #expect(ArrayElements.doubles(try bytes(records(.double).value("[1.5,-0.1,1e300]"))) == [1.5, -0.1, 1e300])
        let texts = try records(.varChar(maxLength: 6)).value(#"["", "äöü", "\u20ac\n", "abcdef"]"#)
        #expect(ArrayElements.texts(try bytes(texts)) == ["", "äöü", "€\n", "abcdef"])
    }

    @Test("up to its capacity")
    func capacity() throws {
        let records = try records(.int8)
        #expect(records.value("[]") == .bytes([]))
        #expect(records.value("[ \t]") == .bytes([]))
        #expect(ArrayElements.integers(try bytes(records.value("[1,2,3,4]"))) == [1, 2, 3, 4])
        #expect(records.fault("[1,2,3,4,5]") == "field `value`: the array has more than 4 elements")
    }

    @Test("each within the element type's limits")
    func limits() throws {
        #expect(try records(.int8).fault("[1, 128]") == "field `value`: 128 is outside of -128...127")
        #expect(try records(.int16).fault("[1, 1.5]") == "field `value`: 1.5 is not a whole number")
        #expect(
            try records(.varChar(maxLength: 3)).fault(#"["abc", "€x"]"#)
                == "field `value`: the text has 4 bytes of UTF-8, the field holds 3")
        #expect(try records(.float).fault("[1e39]") == "field `value`: 1e39 does not fit a Float")
        #expect(try records(.double).fault("[1e309]") == "field `value`: 1e309 does not fit a Double")
    }

    @Test("and nothing but an array of that type")
    func otherValues() throws {
        #expect(try records(.int8).fault("1") == "field `value`: an array is expected, found a number")
        #expect(try records(.int8).fault(#""1""#) == "field `value`: an array is expected, found text")
        #expect(try records(.int8).fault("[null]") == "field `value`: a number is expected, found null")
        #expect(try records(.int8).fault("[[1]]") == "field `value`: a number is expected, found an array")
        #expect(try records(.bool).fault("[1]") == "field `value`: true or false is expected, found a number")
        #expect(try records(.bool).fault("[ null]") == "field `value`: true or false is expected, found null")
        #expect(try records(.varChar(maxLength: 3)).fault("[1]") == "field `value`: text is expected, found a number")
        for text in ["[1,]", "[,1]", "[1 2]", "[1", "[1}", "["] {
            #expect(try records(.int8).value(text) == nil, "\(text)")
            #expect(try records(.varChar(maxLength: 3)).value(text) == nil, "\(text)")
        }
    }

    @Test("rows of different lengths stay apart")
    func rows() throws {
        let chunk = try records(.varChar(maxLength: 9)).decode(
            #"{"id":1,"value":["a","bc"]}"#, #"{"id":2,"value":[]}"#, #"{"id":3,"value":["d",5]}"#,
            #"{"id":4,"value":["e"]}"#)
        #expect(try chunk.cells("value").map { ArrayElements.texts(try bytes($0)) } == [["a", "bc"], [], ["e"]])
    }
}
