import BackfillCore
import Foundation
import RowDecoding
import TestSupport
import Testing

@Suite("A vector has exactly the field's dimension")
struct VectorTests {
    private func encoded(_ values: [Float]) -> String {
        Data(values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } })
            .base64EncodedString()
    }

    @Test("written as numbers")
    func numbers() throws {
        let records = try Records(value: .floatVector(dimension: 3))
        #expect(records.value("[1, -2.5,3e-1]") == .floats(1, -2.5, 0.3))
        #expect(records.value(" [ 1\t,2 , 3 ] ") == .floats(1, 2, 3))
        for (text, count) in [
            ("[]", 0), ("[ ]", 0), ("[1]", 1), ("[1,2]", 2), ("[1,2,3,4]", 4), ("[1,2,3,4,{},[6]]", 6),
        ] {
            #expect(records.fault(text) == "field `value`: the vector has \(count) elements, the field holds 3")
        }
        for text in ["[1,2,3,]", "[1,2,3", "[1,2 3]", "[1,2,3}", "[,1,2,3]", "[1,2,3,nul]", "[1,2,3,4", "[1,2,3,\"]"] {
            let fault = try #require(records.fault(text))
            #expect(fault.hasPrefix("field `value`: "), "\(text)")
        }
    }

    @Test("of numbers as JSON has them, however much text follows")
    func grammar() throws {
        let records = try Records(value: .floatVector(dimension: 2))
        // Elements are read in another way where the text goes on long enough behind them.
        let tail = String(repeating: " ", count: 32)
        for element in ["1.", "-0.", "1.e5", ".5", "01.5", "-.5", "1.5.", "--1.5", "1.5e", "+1.5", "1.-5"] {
            for text in ["[\(element)\(tail),1.5]", "[1.5,\(element)\(tail)]", "[\(element),0.123456789012345\(tail)]"]
            {
                let fault = try #require(records.fault(text), "\(text)")
                #expect(fault.contains("not valid JSON") || fault.contains("a number is expected"), "\(fault)")
            }
        }
        #expect(records.value("[1.0\(tail),-0.5\(tail)]") == .floats(1, -0.5))
        #expect(
            records.fault("[1.\(tail),1.5]")?.hasPrefix("field `value`: not valid JSON: a number that ends") == true)
    }

    @Test("of finite numbers alone")
    func elements() throws {
        let records = try Records(value: .floatVector(dimension: 2))
        #expect(records.fault("[1,null]") == "field `value`: a number is expected, found null")
        #expect(records.fault(#"[1,"2"]"#) == "field `value`: a number is expected, found text")
        #expect(records.fault("[[1,2]]") == "field `value`: a number is expected, found an array")
        #expect(records.fault("[1,1e39]") == "field `value`: 1e39 does not fit a Float")
        #expect(records.fault("[1,true]") == "field `value`: a number is expected, found a truth value")
        #expect(records.fault("null") == "field `value`: null, and the field is not nullable")
        #expect(records.fault("1") == "field `value`: a vector is expected, found a number")
        #expect(records.fault("{}") == "field `value`: a vector is expected, found an object")
        for text in ["[NaN,1]", "[1,Infinity]", "[-Infinity,1]", "[1,nan]"] {
            #expect(records.value(text) == nil, "\(text)")
        }
    }

    @Test("written in base64, in both alphabets, with padding or none", arguments: 1...16)
    func base64(dimension: Int) throws {
        var random = SeededGenerator(seed: UInt64(dimension))
        let records = try Records(value: .floatVector(dimension: dimension))
        for _ in 0..<50 {
            let values = (0..<dimension).map { _ in
                // The bits all set make the characters in which the alphabets differ likely.
                let bits = UInt32.random(in: 0...(.max), using: &random) | (random.oneIn(2) ? 0x00FF_FFFF : 0)
                let value = Float(bitPattern: bits)
                return value.isFinite ? value : -0.0
            }
            let padded = encoded(values)
            let bare = padded.replacing("=", with: "")
            for text in [padded, bare] {
                let urlSafe = text.replacing("+", with: "-").replacing("/", with: "_")
                #expect(records.value("\"\(text)\"") == .floats(values.map(\.bitPattern)), "\(text)")
                #expect(records.value("\"\(urlSafe)\"") == .floats(values.map(\.bitPattern)), "\(urlSafe)")
            }
        }
    }

    @Test("in base64 that decodes to whole finite values")
    func badBase64() throws {
        let records = try Records(value: .floatVector(dimension: 2))
        #expect(records.value("\"\(encoded([1, 2]))\"") == .floats(1, 2))
        for count in [0, 1, 3, 4] {
            let text = encoded([Float](repeating: 1, count: count))
            #expect(
                records.fault("\"\(text)\"") == "field `value`: the vector has \(count) elements, the field holds 2")
        }
        let notBase64 = [
            "AACAPwAAAE", "AACAPwAAA", "AACAPwAAAEA===", "AACAPw=AAEA=", "AACA PwAAAEA=", #"AACAPwAAAEA\u003d"#,
            "AACAPwAAAE!=", "AACAPwAAAEé", "A", "AA", "AAA", "AACAPwAAAEB", "AACAPwAAAED",
        ]
        for text in notBase64 {
            #expect(
                records.fault("\"\(text)\"") == "field `value`: the text is not base64 of Float32 values", "\(text)")
        }
        for value in [Float.nan, -.nan, .infinity, -.infinity, .signalingNaN] {
            let fault = try #require(records.fault("\"\(encoded([1, value]))\""))
            #expect(fault.hasPrefix("field `value`: element 1 is "))
            #expect(fault.hasSuffix("and a vector holds finite numbers only"))
        }
        for text in [#""AACAPwAAAEA="#, #""AAC\qPwAAAEA=""#, "\"AACAPwAAAEA=\t\""] {
            #expect(records.value(text) == nil, "\(text)")
        }
    }

    @Test("mutated base64 is refused or decodes as Foundation's does", arguments: UInt64(1)...5)
    func mutatedBase64(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let records = try Records(value: .floatVector(dimension: 3))
        let alphabet = Array("ABCDwxyz0189+/-_=. é")
        for _ in 0..<1000 {
            var text = Array(encoded([0.5, Float(random.number(-1000...1000)), -1]))
            for _ in 0..<random.number(1...2) {
                let index = random.number(0...text.count - 1)
                let character = alphabet[random.number(0...alphabet.count - 1)]
                switch random.number(0...2) {
                case 0: text[index] = character
                case 1: text.insert(character, at: index)
                default: text.remove(at: index)
                }
            }
            guard case .floats(let bits)? = records.value("\"\(String(text))\"") else { continue }
            var standard = String(text).replacing("-", with: "+").replacing("_", with: "/").replacing("=", with: "")
            standard += String(repeating: "=", count: (4 - standard.count % 4) % 4)
            let decoded = [UInt8](try #require(Data(base64Encoded: standard)))
            #expect(
                bits.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) } } == decoded)
        }
    }

    @Test("a rejected vector leaves the next one whole")
    func neighbours() throws {
        let records = try Records(value: .floatVector(dimension: 2))
        let chunk = records.decode(
            #"{"id":1,"value":[1,2]}"#, #"{"id":2,"value":[3,4,5]}"#, #"{"id":3,"value":[6]}"#,
            #"{"id":4,"value":"\#(encoded([7, .nan]))"}"#, #"{"id":5,"value":"\#(encoded([8, 9]))"}"#)
        #expect(chunk.cells("value") == [.floats(1, 2), .floats(8, 9)])
        #expect(chunk.cells("id") == [.integer(1), .integer(5)])
    }

    @Test("memory is taken for the rows that are there, however short the first lines are")
    func reservedMemory() throws {
        let dimension = 256
        let vector = "[\([String](repeating: "0.25", count: dimension).joined(separator: ","))]"
        let records = try Records(value: .floatVector(dimension: dimension))
        for first in ["", "{}", " "] {
            let chunk = records.decode([first] + (0..<200).map { #"{"id":\#($0),"value":\#(vector)}"# })
            let floats = chunk.columns[1].floats
            #expect(floats.count == 200 * dimension)
            #expect(floats.capacity < 2 * floats.count, "after \(first.debugDescription)")
        }
    }
}
