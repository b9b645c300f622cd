import BackfillCore
import Foundation
import RowDecoding
import TestSupport
import Testing

@Suite("A vector of small elements is packed as it travels")
struct PackedVectorTests {
    private static let elements: [VectorElement] = [.float16, .bfloat16, .int8, .binary]

    private func encoded(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    @Test("from numbers")
    func numbers() throws {
        let half = try Records(value: .vector(.float16, dimension: 3))
        #expect(half.value("[1, -2.5,3e-1]") == .bytes([0x00, 0x3C, 0x00, 0xC1, 0xCD, 0x34]))
        #expect(half.value(" [ 0\t,-0.0 , 65504 ] ") == .bytes([0, 0, 0, 0x80, 0xFF, 0x7B]))
        let brain = try Records(value: .vector(.bfloat16, dimension: 3))
        #expect(brain.value("[1,-2.5,3e-1]") == .bytes([0x80, 0x3F, 0x20, 0xC0, 0x9A, 0x3E]))
        let small = try Records(value: .vector(.int8, dimension: 4))
        #expect(small.value("[-128,127,1.0,-1e0]") == .bytes([0x80, 0x7F, 1, 0xFF]))
        let bits = try Records(value: .vector(.binary, dimension: 24))
        #expect(bits.value("[0, 255,170]") == .bytes([0, 255, 170]))
    }

    @Test("of exactly the field's length", arguments: elements)
    func lengths(element: VectorElement) throws {
        let records = try Records(value: .vector(element, dimension: 16))
        let length = element == .binary ? 2 : 16
        for count in 0...length + 3 {
            let text = "[\([String](repeating: "1", count: count).joined(separator: ","))]"
            let sentence =
                element == .binary
                ? "the vector has \(count) bytes, the field holds 2 (16 bits)"
                : "the vector has \(count) elements, the field holds 16"
            #expect(records.fault(text) == (count == length ? nil : "field `value`: \(sentence)"))
        }
        let mixed = "[\([String](repeating: "1", count: length).joined(separator: ",")),{},[6],null]"
        #expect(records.fault(mixed)?.contains("has \(length + 3) ") == true)
        for text in ["[1,2,", "[1,,2]", "[1 2]", "[1,2}", "[,1]", "[nul]"] {
            #expect(records.fault(text)?.hasPrefix("field `value`: ") == true, "\(text)")
        }
    }

    @Test("of numbers that its elements hold")
    func ranges() throws {
        let half = try Records(value: .vector(.float16, dimension: 1))
        #expect(half.fault("[1e5]") == "field `value`: 1e5 does not fit a Float16")
        #expect(half.fault("[null]") == "field `value`: a number is expected, found null")
        let brain = try Records(value: .vector(.bfloat16, dimension: 1))
        #expect(brain.fault("[-1e39]") == "field `value`: -1e39 does not fit a BFloat16")
        #expect(brain.fault(#"["1"]"#) == "field `value`: a number is expected, found text")
        let small = try Records(value: .vector(.int8, dimension: 1))
        #expect(small.fault("[128]") == "field `value`: 128 is outside of -128...127")
        #expect(small.fault("[-129]") == "field `value`: -129 is outside of -128...127")
        #expect(small.fault("[0.5]") == "field `value`: 0.5 is not a whole number")
        #expect(small.fault("[true]") == "field `value`: a number is expected, found a truth value")
        let bits = try Records(value: .vector(.binary, dimension: 8))
        #expect(bits.fault("[256]") == "field `value`: 256 is outside of 0...255")
        #expect(bits.fault("[-1]") == "field `value`: -1 is outside of 0...255")
        #expect(bits.fault("[1.5]") == "field `value`: 1.5 is not a whole number")
    }

    @Test("and of nothing else", arguments: elements)
    func otherValues(element: VectorElement) throws {
        let records = try Records(value: .vector(element, dimension: 8))
        #expect(records.fault("1") == "field `value`: a vector is expected, found a number")
        #expect(records.fault("{}") == "field `value`: a vector is expected, found an object")
        #expect(records.fault("true") == "field `value`: a vector is expected, found a truth value")
        #expect(records.fault("null") == "field `value`: null, and the field is not nullable")
    }

    @Test("from base64 in both alphabets, with padding or none", arguments: elements, UInt64(1)...5)
    func base64(element: VectorElement, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            let dimension = 8 * random.number(1...6)
            let records = try Records(value: .vector(element, dimension: dimension))
            var bytes = (0..<element.byteCount(dimension: dimension)).map { _ in
                // The bits all set make the characters in which the alphabets differ likely.
                random.oneIn(2) ? UInt8.max : UInt8(random.number(0...255))
            }
            if element == .float16 || element == .bfloat16 {
                // Finite: not all bits of the exponent are set.
                for index in stride(from: 1, to: bytes.count, by: 2) { bytes[index] &= 0xBF }
            }
            let padded = encoded(bytes)
            let bare = padded.replacing("=", with: "")
            for text in [padded, bare] {
                let urlSafe = text.replacing("+", with: "-").replacing("/", with: "_")
                #expect(records.value("\"\(text)\"") == .bytes(bytes), "\(text)")
                #expect(records.value("\"\(urlSafe)\"") == .bytes(bytes), "\(urlSafe)")
            }
        }
    }

    @Test("from base64 of as many bytes as a vector has", arguments: elements)
    func wrongBytes(element: VectorElement) throws {
        let records = try Records(value: .vector(element, dimension: 16))
        let length = element.byteCount(dimension: 16)
        for count in 0...length + 3 {
            let fault = records.fault("\"\(encoded([UInt8](repeating: 1, count: count)))\"")
            let sentence = "field `value`: the text holds \(count) bytes, and a vector of the field has \(length)"
            #expect(fault == (count == length ? nil : sentence))
        }
        for text in ["AA A", "A", "AA===", "A=AA", "AAA!", "AAé", #"AA\u003d="#, "AB", "AAB"] {
            #expect(
                records.fault("\"\(text)\"") == "field `value`: the text is not base64 of a vector's bytes", "\(text)")
        }
    }

    @Test("from base64 of finite numbers")
    func infiniteValues() throws {
        let cases: [(VectorElement, infinities: [UInt16], finite: [UInt16])] = [
            (.float16, [0x7C00, 0xFC00, 0x7C01, 0x7E00, 0xFFFF], [0x7BFF, 0xFBFF, 0x0001, 0x8000]),
            (.bfloat16, [0x7F80, 0xFF80, 0x7F81, 0x7FC0, 0xFFFF], [0x7F7F, 0xFF7F, 0x7C00, 0x8000]),
        ]
        for (element, infinities, finite) in cases {
            let records = try Records(value: .vector(element, dimension: 2))
            for bits in infinities + finite {
                let bytes = [0, 0, UInt8(truncatingIfNeeded: bits), UInt8(bits >> 8)]
                let sentence = "field `value`: element 1 is NaN or infinite, and a vector holds finite numbers only"
                #expect(records.fault("\"\(encoded(bytes))\"") == (finite.contains(bits) ? nil : sentence))
                if finite.contains(bits) { #expect(records.value("\"\(encoded(bytes))\"") == .bytes(bytes)) }
            }
        }
    }

    @Test("and a rejected one leaves the next one whole")
    func neighbours() throws {
        let records = try Records(value: .vector(.int8, dimension: 2))
        let chunk = records.decode(
            #"{"id":1,"value":[1,2]}"#, #"{"id":2,"value":[3,4,5]}"#, #"{"id":3,"value":[6]}"#,
            #"{"id":4,"value":"AQ=="}"#, #"{"id":5,"value":[7,300]}"#, #"{"id":6,"value":"CAk="}"#)
        #expect(chunk.cells("value") == [.bytes([1, 2]), .bytes([8, 9])])
        #expect(chunk.cells("id") == [.integer(1), .integer(6)])
    }

    @Test("and one that is null keeps its place", arguments: elements)
    func absentValues(element: VectorElement) throws {
        let records = try Records(value: .vector(element, dimension: 8), isNullable: true)
        let text = element == .binary ? "[1]" : "[1,1,1,1,1,1,1,1]"
        let chunk = records.decode(
            #"{"id":1,"value":\#(text)}"#, #"{"id":2}"#, #"{"id":3,"value":null}"#, #"{"id":4,"value":\#(text)}"#)
        let cells = chunk.cells("value")
        #expect(cells.map { $0 == .absent } == [false, true, true, false])
        #expect(cells.first == cells.last)
        #expect(chunk.columns[1].bytes.count == 4 * element.byteCount(dimension: 8))
    }

    @Test("memory is taken for the rows that are there, however short the first lines are")
    func reservedMemory() throws {
        let vector = "[\([String](repeating: "1", count: 256).joined(separator: ","))]"
        let records = try Records(value: .vector(.int8, dimension: 256))
        for first in ["", "{}", " "] {
            let chunk = records.decode([first] + (0..<200).map { #"{"id":\#($0),"value":\#(vector)}"# })
            let bytes = chunk.columns[1].bytes
            #expect(bytes.count == 200 * 256)
            #expect(bytes.capacity < 2 * bytes.count, "after \(first.debugDescription)")
        }
    }
}
