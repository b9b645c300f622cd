/// The form in which almost every element of an embedding is written: an optional sign, one digit, a point, and up to
/// fifteen digits more, without an exponent.
///
/// Its digits are read eight at a time and without a branch for each: their number differs from element to element, and
/// a processor that guesses it wrong loses more time than all the arithmetic takes. Whatever has another form is left
/// to the general scanner.
enum ShortDecimal {
    private static let decimalPowers: [UInt64] = [
        1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
    ]

    /// The number at `index`, which moves behind it; nil when it has another form, or when its nearest Float needs
    /// another way.
    @inline(__always)
    static func scan(_ bytes: Span<UInt8>, at index: inout Int) -> Float? {
        guard index + 19 <= bytes.count else { return nil }
        let isNegative = bytes[index] == UInt8(ascii: "-")
        let begin = index &+ (isNegative ? 1 : 0)
        let leading = bytes[begin] &- UInt8(ascii: "0")
        guard leading <= 9, bytes[begin + 1] == UInt8(ascii: ".") else { return nil }
        let (first, firstCount) = digits(bytes, at: begin + 2)
        let (second, secondWordCount) = digits(bytes, at: begin + 10)
        let secondCount = firstCount == 8 ? secondWordCount : 0
        let count = firstCount &+ secondCount
        // No digit behind the point is no number, sixteen may be more than sixteen, and an exponent may follow.
        guard UInt(bitPattern: count &- 1) < 15, bytes[begin + 2 + count] | 0x20 != UInt8(ascii: "e") else {
            return nil
        }
        var value = UInt64(leading) &* decimalPowers[firstCount] &+ number(first, digits: firstCount)
        value = value &* decimalPowers[secondCount] &+ number(second, digits: secondCount)
        guard let float = PowersOfTen.float(digits: value, exponent: -count, isNegative: isNegative) else { return nil }
        index = begin + 2 + count
        return float
    }

    /// The number at `index` if the next eight bytes are digits.
    @inline(__always)
    static func eightDigits(_ bytes: Span<UInt8>, at index: Int) -> UInt64? {
        guard index + 8 <= bytes.count else { return nil }
        let (values, count) = digits(bytes, at: index)
        return count == 8 ? number(values, digits: 8) : nil
    }

    /// Eight bytes with every digit's value in its place, and how many of them from the first on are digits.
    @inline(__always)
    private static func digits(_ bytes: Span<UInt8>, at index: Int) -> (UInt64, Int) {
        // Unsafe in name only: any eight bytes are a number, and the load checks its bounds.
        let word = unsafe UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
        let values = word ^ 0x3030_3030_3030_3030
        // A byte's high bit is set where it is no digit: 10 and more carry into it, and what had it keeps it.
        let others = (values & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7676_7676_7676_7676 | values
        return (values, (others & 0x8080_8080_8080_8080).trailingZeroBitCount >> 3)
    }

    /// The number that the first `digits` bytes stand for, the most significant one first.
    @inline(__always)
    private static func number(_ values: UInt64, digits: Int) -> UInt64 {
        // Moved to the end, with zeros in front; then neighbours are joined: pairs, fours, all eight.
        var joined = values << UInt64(64 - 8 * digits)
        joined = (joined &* (10 << 8 + 1)) >> 8 & 0x00FF_00FF_00FF_00FF
        joined = (joined &* (100 << 16 + 1)) >> 16 & 0x0000_FFFF_0000_FFFF
        return (joined &* (10_000 << 32 + 1)) >> 32
    }
}
