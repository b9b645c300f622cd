import BackfillCore
import RowDecoding
import TestSupport
import Testing

@Suite("A whole number is taken exactly or refused")
struct IntegerTests {
    private static let types: [(FieldType, ClosedRange<Int64>)] = [
        (.int8, -128...127), (.int16, -32768...32767), (.int32, -2_147_483_648...2_147_483_647),
        (.int64, Int64.min...Int64.max),
    ]

    @Test("within its type's range, and not one beyond it", arguments: types)
    func range(type: FieldType, range: ClosedRange<Int64>) throws {
        let records = try Records(value: type)
        for value in [range.lowerBound, range.lowerBound + 1, -1, 0, 1, range.upperBound - 1, range.upperBound] {
            #expect(records.value("\(value)") == .integer(value))
        }
        let above = "\(range.upperBound.magnitude + 1)"
        let below = "-\(range.lowerBound.magnitude + 1)"
        for text in [above, below, "1e19", "-1e19", "1e400", "99999999999999999999999999", "-10000000000000000000000"] {
            #expect(
                records.fault(text) == "field `value`: \(text) is outside of \(range.lowerBound)...\(range.upperBound)")
        }
    }

    @Test("at the ends of 64 bits")
    func ends() throws {
        let records = try Records(value: .int64)
        let cases: [(String, Int64?)] = [
            ("9223372036854775807", .max), ("9223372036854775808", nil), ("-9223372036854775808", .min),
            ("-9223372036854775809", nil), ("18446744073709551615", nil), ("18446744073709551616", nil),
            ("18446744073709551617", nil), ("1000000000000000000", 1_000_000_000_000_000_000),
            ("9999999999999999999", nil), ("10000000000000000000", nil), ("100000000000000000000", nil),
            ("36893488147419103233", nil), ("-18446744073709551617", nil), ("922337203685477580.7e1", .max),
            ("922337203685477580.8e1", nil), ("-922337203685477580.8e1", .min), ("9.223372036854775807e18", .max),
            ("1e18", 1_000_000_000_000_000_000), ("0.9223372036854775807e19", .max),
        ]
        for (text, value) in cases {
            #expect(records.value(text) == value.map(Cell.integer), "\(text)")
        }
    }

    @Test("also when it is written with a fraction or an exponent and is whole")
    func wholeValues() throws {
        let records = try Records(value: .int64)
        let cases: [(String, Int64)] = [
            ("1.0", 1), ("-1.000", -1), ("1e3", 1000), ("1E+3", 1000), ("100e-2", 1), ("-1200e-2", -12), ("1.5e1", 15),
            ("1.50e1", 15), ("0.10e1", 1), ("12.30e2", 1230), ("0.0", 0), ("-0", 0), ("-0.0", 0), ("0e5", 0),
            ("0e-99999999999", 0), ("0.000e400", 0), ("0e999999999999999999999", 0), ("10e-1", 1), ("1e0", 1),
        ]
        for (text, value) in cases {
            #expect(records.value(text) == .integer(value), "\(text)")
        }
        for text in ["1.5", "-0.1", "15e-1", "1e-1", "100e-3", "0.001e2", "1e-400", "1.0000001", "-9.5e-1"] {
            #expect(records.fault(text) == "field `value`: \(text) is not a whole number")
        }
    }

    @Test("also when it is written with more digits than 64 bits hold")
    func manyDigits() throws {
        let records = try Records(value: .int64)
        let cases: [(String, Int64)] = [
            ("1.0000000000000000000", 1), ("-7.00000000000000000000000000000000", -7),
            ("0.000000000000000000000000", 0),
            ("-0.00000000000000000000e5", 0), ("100000000000000000000e-2", 1_000_000_000_000_000_000),
            ("0.00000000000000000001e20", 1), ("9223372036854775807.00000", .max), ("-9223372036854775808.0", .min),
        ]
        for (text, value) in cases {
            #expect(records.value(text) == .integer(value), "\(text)")
        }
        for text in [
            "1.00000000000000000000000000000000001", "0.0000000000000000000000000000000001",
            "0.00000000000000000001e19",
            "9223372036854775807.5", "123456789012345678901234567890e-29",
        ] {
            #expect(records.fault(text) == "field `value`: \(text) is not a whole number")
        }
        for text in ["9223372036854775808.00000", "-99999999999999999999.0", "184467440737095516170e-1"] {
            #expect(records.value(text) == nil, "\(text)")
        }
        let zeros = String(repeating: "0", count: 123_456)
        #expect(records.value("7\(zeros)e-123456") == .integer(7))
        #expect(records.value("0.\(zeros)7e123457") == .integer(7))
        #expect(records.value("7\(zeros)e-1234567") == nil, "an exponent counts with all its digits")
    }

    @Test("random 64-bit values survive in every spelling", arguments: UInt64(1)...10)
    func randomSpellings(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let records = try Records(value: .int64)
        var texts: [String] = []
        var expected: [Cell] = []
        for _ in 0..<1000 {
            let value = Int64.random(in: .min...(.max), using: &random) >> random.number(0...63)
            let digits = "\(value.magnitude)"
            let split = random.number(1...digits.count)
            let fraction = digits.dropFirst(split)
            let zeros = String(repeating: "0", count: random.number(0...3))
            let sign = value < 0 ? "-" : ""
            switch random.number(0...3) {
            case 0: texts.append("\(sign)\(digits)")
            case 1 where !fraction.isEmpty:
                texts.append("\(sign)\(digits.prefix(split)).\(fraction)\(zeros)e\(fraction.count)")
            case 2 where value != 0: texts.append("\(sign)\(digits)\(zeros)e-\(zeros.count)")
            default: texts.append("\(sign)\(digits).0\(zeros)")
            }
            expected.append(.integer(value))
        }
        let chunk = records.decode(texts.map { #"{"id":1,"value":\#($0)}"# })
        #expect(chunk.reasons == [])
        #expect(chunk.cells("value") == expected)
    }

    @Test("and nothing else counts as one")
    func otherValues() throws {
        let records = try Records(value: .int32)
        #expect(records.fault(#""1""#) == "field `value`: a number is expected, found text")
        #expect(records.fault("true") == "field `value`: a number is expected, found a truth value")
        #expect(records.fault("[]") == "field `value`: a number is expected, found an array")
        #expect(records.fault("{}") == "field `value`: a number is expected, found an object")
        #expect(records.fault("null") == "field `value`: null, and the field is not nullable")
    }

    @Test("a Bool is true or false and nothing else")
    func bools() throws {
        let records = try Records(value: .bool)
        #expect(records.value("true") == .integer(1))
        #expect(records.value(" false ") == .integer(0))
        #expect(records.fault("1") == "field `value`: true or false is expected, found a number")
        #expect(records.fault(#""true""#) == "field `value`: true or false is expected, found text")
        for text in ["truE", "tru", "truee", "falsy", "TRUE"] {
            #expect(records.value(text) == nil, "\(text)")
        }
    }
}
