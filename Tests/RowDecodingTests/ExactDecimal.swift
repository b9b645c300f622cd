/// The exact decimal digits of `mantissa` times a power of two, found with long arithmetic alone.
struct ExactDecimal {
    /// Most significant first, no leading zero.
    private(set) var digits: [UInt8]
    /// How many of the digits stand behind the point; negative: zeros that follow the digits.
    private(set) var scale: Int

    init(_ mantissa: UInt64, timesTwoTo exponent: Int) {
        // Limbs of nine digits, least significant first.
        var limbs: [UInt64] = []
        var rest = mantissa
        while rest > 0 {
            limbs.append(rest % 1_000_000_000)
            rest /= 1_000_000_000
        }
        // m / 2^n = m * 5^n / 10^n
        let factor: UInt64 = exponent < 0 ? 5 : 2
        for _ in 0..<abs(exponent) {
            var carry: UInt64 = 0
            for index in limbs.indices {
                let product = limbs[index] * factor + carry
                limbs[index] = product % 1_000_000_000
                carry = product / 1_000_000_000
            }
            if carry > 0 { limbs.append(carry) }
        }
        var reversed: [UInt8] = []
        for limb in limbs {
            var limb = limb
            for _ in 0..<9 {
                reversed.append(UInt8(limb % 10))
                limb /= 10
            }
        }
        while reversed.last == 0 { reversed.removeLast() }
        digits = reversed.reversed()
        scale = max(0, -exponent)
        while scale > 0, digits.last == 0 {
            digits.removeLast()
            scale -= 1
        }
    }

    private init(digits: [UInt8], scale: Int) {
        self.digits = digits
        self.scale = scale
    }

    /// A number that is larger by very little.
    var slightlyMore: ExactDecimal { more(places: 3) }

    /// A number that is smaller by very little.
    var slightlyLess: ExactDecimal { less(places: 3) }

    /// The number and one more in a digit that stands so many places behind its last one.
    func more(places: Int) -> ExactDecimal {
        ExactDecimal(digits: digits + [UInt8](repeating: 0, count: places - 1) + [1], scale: scale + places)
    }

    /// The number less one in a digit that stands so many places behind its last one.
    func less(places: Int) -> ExactDecimal {
        var digits = digits + [UInt8](repeating: 0, count: places)
        var index = digits.count - 1
        while digits[index] == 0 {
            digits[index] = 9
            index -= 1
        }
        digits[index] -= 1
        return ExactDecimal(digits: Array(digits.drop { $0 == 0 }), scale: scale + places)
    }

    /// The first digits of the number, the others cut off.
    func cut(toDigits count: Int) -> ExactDecimal {
        guard digits.count > count else { return self }
        return ExactDecimal(digits: Array(digits.prefix(count)), scale: scale - (digits.count - count))
    }

    var plain: String {
        let text = digits.map(String.init).joined()
        if scale <= 0 { return text + String(repeating: "0", count: -scale) }
        if scale >= text.count { return "0." + String(repeating: "0", count: scale - text.count) + text }
        return text.dropLast(scale) + "." + text.suffix(scale)
    }

    var scientific: String {
        let text = digits.map(String.init).joined()
        let exponent = text.count - 1 - scale
        return text.count == 1 ? "\(text)e\(exponent)" : "\(text.prefix(1)).\(text.dropFirst())e\(exponent)"
    }
}
