import TestSupport

/// Texts of numbers in every shape that JSON has, drawn where conversions tend to be wrong.
enum RandomNumberText {
    static func any(_ random: inout SeededGenerator) -> String {
        switch random.number(0...9) {
        case 0: shortDecimal(&random)
        case 1, 2: decimal(digits: random.number(1...25), &random)
        case 3: scientific(digits: random.number(1...25), exponents: -12...12, &random)
        case 4: scientific(digits: random.number(1...25), exponents: -60...45, &random)
        case 5: shortestFloat(&random)
        case 6: shortestDouble(&random)
        case 7: unitVectorElement(&random)
        case 8: nearMidpoint(&random)
        default: zero(&random)
        }
    }

    private static func digits(_ count: Int, _ random: inout SeededGenerator) -> String {
        String((0..<count).map { _ in Character("\(random.number(0...9))") })
    }

    private static func sign(_ random: inout SeededGenerator) -> String { random.oneIn(2) ? "-" : "" }

    private static func shortDecimal(_ random: inout SeededGenerator) -> String {
        "\(sign(&random))\(random.number(0...999)).\(digits(random.number(1...4), &random))"
    }

    private static func decimal(digits count: Int, _ random: inout SeededGenerator) -> String {
        let integer = random.oneIn(2) ? "0" : "\(random.number(1...9))" + digits(random.number(0...count), &random)
        return "\(sign(&random))\(integer).\(digits(count, &random))"
    }

    private static func scientific(
        digits count: Int, exponents: ClosedRange<Int>, _ random: inout SeededGenerator
    ) -> String {
        let fraction = count > 1 ? ".\(digits(count - 1, &random))" : ""
        let exponent = random.number(exponents)
        let letter = random.oneIn(2) ? "e" : "E"
        let plus = exponent >= 0 && random.oneIn(2) ? "+" : ""
        return "\(sign(&random))\(random.number(0...9))\(fraction)\(letter)\(plus)\(exponent)"
    }

    private static func shortestFloat(_ random: inout SeededGenerator) -> String {
        let value = Float(bitPattern: UInt32.random(in: 0...(.max), using: &random))
        return value.isFinite ? "\(value)" : "3.4028235e+38"
    }

    private static func shortestDouble(_ random: inout SeededGenerator) -> String {
        // Doubles that a Float can hold roughly, which is what exporters print for vectors.
        let exponent = UInt64(random.number(1023 - 160...1023 + 127))
        let bits = exponent << 52 | UInt64.random(in: 0..<(1 << 52), using: &random)
        return "\(sign(&random))\(Double(bitPattern: bits))"
    }

    private static func unitVectorElement(_ random: inout SeededGenerator) -> String {
        "\(Double.random(in: -1...1, using: &random))"
    }

    /// Close to the middle of two neighbouring Floats, with as many digits as the fast path takes or a few more.
    private static func nearMidpoint(_ random: inout SeededGenerator) -> String {
        let low = Float(bitPattern: UInt32(random.number(0x3000_0000...0x4B00_0000)))
        let middle = (Double(low) + Double(low.nextUp)) / 2
        let near = Double(bitPattern: middle.bitPattern &+ UInt64.random(in: 0...16, using: &random) &- 8)
        return sign(&random) + "\(near)"
    }

    private static func zero(_ random: inout SeededGenerator) -> String {
        let zeros = String(repeating: "0", count: random.number(1...30))
        let exponent = random.oneIn(2) ? "" : "e\(random.number(-400...400))"
        return "\(sign(&random))0.\(zeros)\(exponent)"
    }
}
