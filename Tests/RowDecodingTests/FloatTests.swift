import BackfillCore
import Glibc
import RowDecoding
import TestSupport
import Testing

@Suite("A number with floating point becomes the nearest value")
struct FloatTests {
    /// Numbers that are decoded as the elements of one vector.
    private static let batch = 500

    private func expectNearestFloats(_ texts: [String], location: SourceLocation = #_sourceLocation) throws {
        // Unsafe for the C function, which gets the text of a Swift string.
        let expected = texts.map { unsafe strtof($0, nil) }
        let finite = zip(texts, expected).filter(\.1.isFinite)
        let records = try Records(value: .floatVector(dimension: finite.count))
        let chunk = records.decode(value: "[\(finite.map(\.0).joined(separator: ","))]")
        #expect(chunk.reasons == [], sourceLocation: location)
        let values = chunk.columns[1].floats
        try #require(values.count == finite.count, sourceLocation: location)
        for (value, (text, expected)) in zip(values, finite) where value.bitPattern != expected.bitPattern {
            Issue.record("\(text) became \(value) and not \(expected)", sourceLocation: location)
        }
    }

    private func expectNearestDoubles(_ texts: [String], location: SourceLocation = #_sourceLocation) throws {
        // Unsafe for the C function, which gets the text of a Swift string.
        let expected = texts.map { unsafe strtod($0, nil) }
        let finite = zip(texts, expected).filter(\.1.isFinite)
        let chunk = try Records(value: .double).decode(finite.map { #"{"id":1,"value":\#($0.0)}"# })
        #expect(chunk.reasons == [], sourceLocation: location)
        let values = chunk.columns[1].doubles
        try #require(values.count == finite.count, sourceLocation: location)
        for (value, (text, expected)) in zip(values, finite) where value.bitPattern != expected.bitPattern {
            Issue.record("\(text) became \(value) and not \(expected)", sourceLocation: location)
        }
    }

    @Test("200,000 random Floats equal strtof's", arguments: UInt64(1)...20)
    func randomFloats(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            try expectNearestFloats((0..<Self.batch).map { _ in RandomNumberText.any(&random) })
        }
    }

    @Test("60,000 random Doubles equal strtod's", arguments: UInt64(1)...20)
    func randomDoubles(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<3 {
            var texts = (0..<Self.batch).map { _ in RandomNumberText.any(&random) }
            texts += (0..<Self.batch).map { _ in
                let value = Double(bitPattern: UInt64.random(in: 0...(.max), using: &random))
                return value.isFinite ? "\(value)" : "1.7976931348623157e308"
            }
            try expectNearestDoubles(texts)
        }
    }

    @Test("a Float's and a Double's shortest text gives its bits back", arguments: UInt64(1)...10)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let floats = (0..<1000).map { _ in Float(bitPattern: UInt32.random(in: 0...(.max), using: &random)) }
            .filter(\.isFinite)
        let vector = try Records(value: .floatVector(dimension: floats.count))
        let floatChunk = vector.decode(value: "[\(floats.map { "\($0)" }.joined(separator: ","))]")
        #expect(floatChunk.cells("value") == [.floats(floats.map(\.bitPattern))])

        let widened = vector.decode(value: "[\(floats.map { "\(Double($0))" }.joined(separator: ", "))]")
        #expect(widened.cells("value") == [.floats(floats.map(\.bitPattern))])

        let doubles = (0..<1000).map { _ in Double(bitPattern: UInt64.random(in: 0...(.max), using: &random)) }
            .filter(\.isFinite)
        let doubleChunk = try Records(value: .double).decode(doubles.map { #"{"id":1,"value":\#($0)}"# })
        #expect(doubleChunk.cells("value") == doubles.map { .double($0.bitPattern) })
    }

    @Test(
        "the middle between two Floats goes to the even one, anything beside it to its side", arguments: UInt64(1)...20)
    func midpoints(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            let isSubnormal = random.oneIn(8)
            let bits = UInt32(random.number(isSubnormal ? 0...0x7F_FFFF : 0x0080_0000...0x7F7F_FFFE))
            let low = Float(bitPattern: bits)
            let high = Float(bitPattern: bits + 1)
            let exponent = max(Int(bits >> 23), 1) - 150
            let significand = UInt64(bits & 0x7F_FFFF | (bits < 0x0080_0000 ? 0 : 0x0080_0000))
            let middle = ExactDecimal(2 * significand + 1, timesTwoTo: exponent - 1)
            let even = bits.isMultiple(of: 2) ? low : high
            let texts = [
                middle.plain, middle.scientific, middle.slightlyLess.plain, middle.slightlyLess.scientific,
                middle.slightlyMore.plain, middle.slightlyMore.scientific,
            ]
            let expected = [even, even, low, low, high, high]
            let chunk = try Records(value: .floatVector(dimension: 6)).decode(
                value: "[\(texts.joined(separator: ","))]")
            #expect(chunk.cells("value") == [.floats(expected.map(\.bitPattern))], "\(low)...\(high)")
            let negative = try Records(value: .floatVector(dimension: 6))
                .decode(value: "[\(texts.map { "-\($0)" }.joined(separator: ","))]")
            #expect(negative.cells("value") == [.floats(expected.map { (-$0).bitPattern })], "\(low)...\(high)")
            try expectNearestFloats(
                (9...25).flatMap { [middle.cut(toDigits: $0).plain, middle.cut(toDigits: $0).scientific] })
        }
    }

    @Test(
        "the middle between two Doubles goes to the even one, anything beside it to its side", arguments: UInt64(1)...10
    )
    func doubleMidpoints(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let bits = UInt64(random.number(0x3000_0000_0000_0000...0x4F00_0000_0000_0000))
            let significand = bits & (1 << 52 - 1) | 1 << 52
            let middle = ExactDecimal(2 * significand + 1, timesTwoTo: Int(bits >> 52) - 1076)
            let even = bits.isMultiple(of: 2) ? bits : bits + 1
            let texts = [middle, middle.slightlyLess, middle.slightlyMore].flatMap { [$0.plain, $0.scientific] }
            let chunk = try Records(value: .double).decode(texts.map { #"{"id":1,"value":\#($0)}"# })
            #expect(chunk.cells("value") == [even, even, bits, bits, bits + 1, bits + 1].map(Cell.double))
            try expectNearestDoubles((15...25).map { middle.cut(toDigits: $0).scientific })
        }
    }

    @Test("the ends of the range are kept, what lies beyond them is refused or becomes zero")
    func limits() throws {
        let floats = try Records(value: .float)
        let largest = "340282346638528859811704183484516925440"
        #expect(floats.value(largest) == .floats(.greatestFiniteMagnitude))
        #expect(floats.value("-\(largest).000000001") == .floats(-Float.greatestFiniteMagnitude))
        #expect(floats.value("3.4028235677973367e38") == nil, "half a step above rounds to infinity")
        #expect(floats.value("3.4028235677973366e38") == .floats(.greatestFiniteMagnitude))
        #expect(floats.fault("-1e39") == "field `value`: -1e39 does not fit a Float")
        #expect(floats.value("1e-45") == .floats(.leastNonzeroMagnitude))
        #expect(floats.value("7.1e-46") == .floats(.leastNonzeroMagnitude))
        #expect(floats.value("7.0e-46") == .floats(0))
        #expect(floats.value("-1e-400") == .floats(-0.0))
        #expect(floats.value("1.1754943508222875e-38") == .floats(.leastNormalMagnitude))
        #expect(floats.value("1.1754942e-38") == .floats(Float.leastNormalMagnitude.nextDown))
        #expect(floats.value("-0") == .floats(-0.0))
        #expect(floats.value("-0.0e-5") == .floats(-0.0))
        #expect(floats.value("0") == .floats(0))

        let doubles = try Records(value: .double)
        #expect(doubles.value("1.7976931348623157e308") == .double(Double.greatestFiniteMagnitude.bitPattern))
        #expect(doubles.value("1.7976931348623159e308") == nil)
        #expect(doubles.fault("1e309") == "field `value`: 1e309 does not fit a Double")
        #expect(doubles.value("5e-324") == .double(Double.leastNonzeroMagnitude.bitPattern))
        #expect(doubles.value("2.4e-324") == .double(0))
        #expect(doubles.value("-0") == .double((-0.0).bitPattern))
        #expect(doubles.value("9007199254740993") == .double(9_007_199_254_740_992.0.bitPattern))
        #expect(doubles.value("9007199254740993.0000001") == .double(9_007_199_254_740_994.0.bitPattern))
        #expect(doubles.value("2.2250738585072011e-308") == .double(Double.leastNormalMagnitude.nextDown.bitPattern))
    }

    @Test("very long numbers are read to their last digit")
    func longNumbers() throws {
        let floats = try Records(value: .float)
        let zeros = String(repeating: "0", count: 100_000)
        #expect(floats.value("1\(zeros)e-100000") == .floats(1))
        #expect(floats.value("0.\(zeros)1e100001") == .floats(1))
        #expect(floats.value("16777217.\(zeros)1") == .floats(16_777_218))
        #expect(floats.value("16777217.\(zeros)") == .floats(16_777_216))
        let fault = try #require(floats.fault("1\(zeros)"))
        #expect(fault.count < 120, "a message is for a person to read")
        let doubles = try Records(value: .double)
        #expect(doubles.value("9007199254740993.\(zeros)1") == .double(9_007_199_254_740_994.0.bitPattern))
        #expect(doubles.value("1\(zeros)e-99999") == .double(10.0.bitPattern))
    }

    @Test("a value that is no number is refused")
    func otherValues() throws {
        for type in [FieldType.float, .double] {
            let records = try Records(value: type)
            #expect(records.fault(#""1.5""#) == "field `value`: a number is expected, found text")
            #expect(records.fault("true") == "field `value`: a number is expected, found a truth value")
            #expect(records.fault("[1]") == "field `value`: a number is expected, found an array")
            #expect(records.fault("{}") == "field `value`: a number is expected, found an object")
        }
    }
}
