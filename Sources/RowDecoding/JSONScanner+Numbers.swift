import Glibc

/// A number as it stands in the text, checked against the grammar and split into digits and scale.
struct ScannedNumber {
    var range: Range<Int>
    var isNegative: Bool
    /// The digits without the point, the first nineteen at least; wraps when there are more.
    var digits: UInt64
    var digitCount: Int
    /// The power of ten that the digits are multiplied with.
    var exponent: Int
    /// Whether it is written without fraction and exponent.
    var isInteger: Bool

    /// Nineteen digits always fit 64 bits.
    var hasExactDigits: Bool { digitCount <= 19 }
}

extension JSONScanner {
    /// Takes a number.
    @inline(__always)
    mutating func scanNumber(_ bytes: Span<UInt8>) throws(RecordFault) -> ScannedNumber {
        skipWhiteSpace(bytes)
        let begin = position
        var index = position
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }

        var digits: UInt64 = 0
        let integerBegin = index
        var digit = bytes[index] &- UInt8(ascii: "0")
        if digit == 0 {
            index += 1
            guard bytes[index] &- UInt8(ascii: "0") > 9 else { throw malformed("a number with a leading zero") }
        } else {
            while digit <= 9 {
                digits = digits &* 10 &+ UInt64(digit)
                index += 1
                digit = bytes[index] &- UInt8(ascii: "0")
            }
            guard index > integerBegin else {
                if isNegative { throw malformed("a minus sign without a number") }
                throw .misfit("a number is expected, found \(kindOfValue(bytes))")
            }
        }
        var digitCount = index - integerBegin
        var exponent = 0
        var isInteger = true

        if bytes[index] == UInt8(ascii: ".") {
            isInteger = false
            index += 1
            let fractionBegin = index
            while let eight = ShortDecimal.eightDigits(bytes, at: index) {
                digits = digits &* 100_000_000 &+ eight
                index += 8
            }
            digit = bytes[index] &- UInt8(ascii: "0")
            while digit <= 9 {
                digits = digits &* 10 &+ UInt64(digit)
                index += 1
                digit = bytes[index] &- UInt8(ascii: "0")
            }
            guard index > fractionBegin else { throw malformed("a number that ends with its point") }
            exponent = fractionBegin - index
            digitCount -= exponent
        }
        if bytes[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            exponent += try scanExponent(bytes, &index)
        }
        position = index
        return ScannedNumber(
            range: begin..<index, isNegative: isNegative, digits: digits, digitCount: digitCount,
            exponent: exponent, isInteger: isInteger)
    }

    /// Takes an integer; one that is written with a fraction or an exponent counts when its value is whole.
    mutating func scanInteger(
        _ bytes: Span<UInt8>, in range: ClosedRange<Int64>
    ) throws(RecordFault) -> Int64 {
        var number = try scanNumber(bytes)
        if !number.isInteger { number = Self.withoutIdleZeros(number, bytes) }
        guard number.exponent >= 0 else { throw .misfit("\(text(number, bytes)) is not a whole number") }
        var magnitude = number.digits
        var fits = number.hasExactDigits && number.exponent <= 19
        if fits {
            for _ in 0..<number.exponent {
                let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
                magnitude = product
                fits = fits && !overflow
            }
        }
        let limit = number.isNegative ? range.lowerBound.magnitude : range.upperBound.magnitude
        guard fits, magnitude <= limit else {
            throw .misfit("\(text(number, bytes)) is outside of \(range.lowerBound)...\(range.upperBound)")
        }
        return number.isNegative ? 0 &- Int64(bitPattern: magnitude) : Int64(bitPattern: magnitude)
    }

    /// The same number without leading zeros, and with the exponent in place of the zeros behind its last digit: a
    /// whole number that fits 64 bits has exact digits then, and any other fraction a negative exponent.
    private static func withoutIdleZeros(_ number: ScannedNumber, _ bytes: Span<UInt8>) -> ScannedNumber {
        var stripped = number
        stripped.digits = 0
        stripped.digitCount = 0
        var zeros = 0
        for index in number.range where bytes[index] != UInt8(ascii: ".") && bytes[index] != UInt8(ascii: "-") {
            guard case let digit = bytes[index] &- UInt8(ascii: "0"), digit <= 9 else { break }
            if digit == 0 {
                if stripped.digitCount > 0 { zeros += 1 }
                continue
            }
            for _ in 0..<zeros { stripped.digits = stripped.digits &* 10 }
            stripped.digits = stripped.digits &* 10 &+ UInt64(digit)
            stripped.digitCount += zeros + 1
            zeros = 0
        }
        stripped.exponent = stripped.digitCount == 0 ? 0 : number.exponent + zeros
        return stripped
    }

    /// Takes a number as the nearest Float.
    @inline(__always)
    mutating func scanFloat(_ bytes: Span<UInt8>) throws(RecordFault) -> Float {
        let number = try scanNumber(bytes)
        if number.hasExactDigits,
            let value = PowersOfTen.float(
                digits: number.digits, exponent: number.exponent, isNegative: number.isNegative)
        {
            return value
        }
        return try slowFloat(number, bytes)
    }

    /// Takes a number as the nearest Double.
    mutating func scanDouble(_ bytes: Span<UInt8>) throws(RecordFault) -> Double {
        let number = try scanNumber(bytes)
        if number.hasExactDigits, let value = PowersOfTen.double(number) { return value }
        let value = Self.nearestDouble(number, bytes)
        guard value.isFinite else { throw .misfit("\(text(number, bytes)) does not fit a Double") }
        return value
    }

    /// Whether a scanned number has a nearest Double.
    static func isFinite(_ number: ScannedNumber, _ bytes: Span<UInt8>) -> Bool {
        nearestDouble(number, bytes).isFinite
    }

    /// The nearest Double in the direction that the thread rounds to, infinite for too large a number.
    static func nearestDouble(_ number: ScannedNumber, _ bytes: Span<UInt8>) -> Double {
        unsafe convert(number, bytes) { unsafe strtod($0, nil) }
    }

    @inline(never)
    private func slowFloat(_ number: ScannedNumber, _ bytes: Span<UInt8>) throws(RecordFault) -> Float {
        let value = unsafe Self.convert(number, bytes) { unsafe strtof($0, nil) }
        guard value.isFinite else { throw .misfit("\(text(number, bytes)) does not fit a Float") }
        return value
    }

    /// The value that the C library finds, which is the nearest one.
    ///
    /// Unsafe for the pointer that C wants. It reads up to the first byte that is no part of a number: there is one,
    /// because the text ends with a line feed, and it is the number's end, because the grammar was checked.
    private static func convert<Value>(
        _ number: ScannedNumber, _ bytes: Span<UInt8>, _ parse: (UnsafePointer<CChar>) -> Value
    ) -> Value where Value: BinaryFloatingPoint {
        unsafe bytes.extracting(number.range.lowerBound...).withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return .nan }
            return unsafe parse(base.assumingMemoryBound(to: CChar.self))
        }
    }

    private func scanExponent(_ bytes: Span<UInt8>, _ index: inout Int) throws(RecordFault) -> Int {
        index += 1
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative || bytes[index] == UInt8(ascii: "+") { index += 1 }
        let begin = index
        var exponent = 0
        while case let digit = bytes[index] &- UInt8(ascii: "0"), digit <= 9 {
            // No text is so long that its digits could make up for more, so only an overflow has to be kept away.
            if exponent < 1 << 40 { exponent = exponent * 10 + Int(digit) }
            index += 1
        }
        guard index > begin else { throw malformed("a number with an empty exponent") }
        return isNegative ? -exponent : exponent
    }

    /// The number for a message, cut where it is very long.
    func text(_ number: ScannedNumber, _ bytes: Span<UInt8>) -> String {
        var shown: [UInt8] = []
        Self.append(number.range.prefix(40), of: bytes, to: &shown)
        return String(decoding: shown, as: UTF8.self) + (number.range.count > 40 ? "…" : "")
    }
}

/// Digits times a power of ten, where that is provably the nearest value.
enum PowersOfTen {
    /// The powers that a Double holds exactly.
    private static let exact: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// The nearest Double when the digits and the power are both exact, so that only one rounding happens.
    static func double(_ number: ScannedNumber) -> Double? {
        guard number.digits <= 1 << 53, -22...22 ~= number.exponent else { return nil }
        let digits = Double(number.digits)
        let value = number.exponent < 0 ? digits / exact[-number.exponent] : digits * exact[number.exponent]
        return number.isNegative ? -value : value
    }

    /// The magnitude as a Double that is off by less than two units in its last place: converting up to nineteen digits
    /// and multiplying or dividing round once each.
    @inline(__always)
    static func approximation(digits: UInt64, exponent: Int) -> Double? {
        // A signed conversion is one instruction; eighteen digits fit it, the few nineteen that do not are left alone.
        guard -22...22 ~= exponent, digits <= Int64.max else { return nil }
        let whole = Double(Int64(bitPattern: digits))
        return exponent <= 0 ? whole / exact[-exponent] : whole * exact[exponent]
    }

    /// The nearest Float, by way of a Double whose error is known.
    ///
    /// Rounding `approximation` to a Float is right unless it lies close to the middle between two neighbouring Floats,
    /// where the 29 bits that a Float does not have read 1 and then zeros.
    @inline(__always)
    static func float(digits: UInt64, exponent: Int, isNegative: Bool) -> Float? {
        guard let value = approximation(digits: digits, exponent: exponent) else { return nil }
        if digits == 0 { return isNegative ? -0.0 : 0.0 }
        let dropped = value.bitPattern & 0x1FFF_FFFF
        guard dropped &- 0x0FFF_FFFC > 8,
            Double(Float.leastNormalMagnitude)...Double(Float.greatestFiniteMagnitude) ~= value
        else { return nil }
        // Not by a branch: signs of embeddings are as good as random.
        return Float(bitPattern: Float(value).bitPattern | (isNegative ? 1 << 31 : 0))
    }
}
