import BackfillCore

extension JSONScanner {
    /// How much of a number counts where values are compared.
    enum NumberComparison {
        /// Integers by all their digits, others as the nearest Double; `1.0` is `1`.
        case exact
        /// All as the nearest Double.
        case nearestDouble
    }

    /// Appends what the text of a JSON value means: the same for any order of members, white space, escapes and form of
    /// numbers. Of members with the same name the last one counts.
    static func appendMeaning(of text: ArraySlice<UInt8>, numbers: NumberComparison, to output: inout [UInt8])
        throws(RecordFault)
    {
        var text = Array(text)
        endWithLineFeed(&text, from: 0)
        var scanner = JSONScanner(at: 0)
        try scanner.appendMeaning(text.span, numbers, depth: 0, to: &output)
        try scanner.expectEnd(text.span)
    }

    private mutating func appendMeaning(
        _ bytes: Span<UInt8>, _ numbers: NumberComparison, depth: Int, to output: inout [UInt8]
    ) throws(RecordFault) {
        guard depth <= Self.maximumDepth else { throw malformed("more than \(Self.maximumDepth) levels of nesting") }
        skipWhiteSpace(bytes)
        switch bytes[position] {
        case UInt8(ascii: "\""):
            output.append(UInt8(ascii: "\""))
            let mark = ArrayElements.openText(in: &output)
            Self.append(try scanString(bytes), of: bytes, to: &output)
            ArrayElements.closeText(from: mark, in: &output)
        case UInt8(ascii: "{"): try appendMembers(bytes, numbers, depth: depth, to: &output)
        case UInt8(ascii: "["):
            position += 1
            output.append(UInt8(ascii: "["))
            if !take(UInt8(ascii: "]"), bytes) {
                repeat {
                    try appendMeaning(bytes, numbers, depth: depth + 1, to: &output)
                } while try hasMore(until: UInt8(ascii: "]"), bytes)
            }
            output.append(UInt8(ascii: "]"))
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            output.append(try scanBool(bytes) ? UInt8(ascii: "t") : UInt8(ascii: "f"))
        case UInt8(ascii: "n"):
            _ = try takeNull(bytes)
            output.append(UInt8(ascii: "n"))
        default: Self.append(try scanNumber(bytes), bytes, numbers, to: &output)
        }
    }

    private mutating func appendMembers(
        _ bytes: Span<UInt8>, _ numbers: NumberComparison, depth: Int, to output: inout [UInt8]
    ) throws(RecordFault) {
        position += 1
        var members: [[UInt8]: [UInt8]] = [:]
        if !take(UInt8(ascii: "}"), bytes) {
            repeat {
                var name: [UInt8] = []
                Self.append(try scanMemberName(bytes), of: bytes, to: &name)
                var value: [UInt8] = []
                try appendMeaning(bytes, numbers, depth: depth + 1, to: &value)
                members[name] = value
            } while try hasMore(until: UInt8(ascii: "}"), bytes)
        }
        output.append(UInt8(ascii: "{"))
        for (name, value) in members.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let mark = ArrayElements.openText(in: &output)
            output.append(contentsOf: name)
            ArrayElements.closeText(from: mark, in: &output)
            output.append(contentsOf: value)
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func append(
        _ number: ScannedNumber, _ bytes: Span<UInt8>, _ comparison: NumberComparison, to output: inout [UInt8]
    ) {
        func appendInteger(_ magnitude: UInt64, isNegative: Bool) {
            output.append(UInt8(ascii: isNegative && magnitude != 0 ? "-" : "+"))
            ArrayElements.append(Int64(bitPattern: magnitude), to: &output)
        }
        if comparison == .exact, number.isInteger {
            guard !number.hasExactDigits else {
                return appendInteger(number.digits, isNegative: number.isNegative)
            }
            output.append(UInt8(ascii: "#"))
            for index in number.range { output.append(bytes[index]) }
            return
        }
        let double = (number.hasExactDigits ? PowersOfTen.double(number) : nil) ?? nearestDouble(number, bytes)
        if comparison == .exact, let whole = UInt64(exactly: double.magnitude), whole <= 1 << 53 {
            return appendInteger(whole, isNegative: double < 0)
        }
        output.append(UInt8(ascii: "."))
        // Zero has no sign here: those who write numbers anew drop it.
        ArrayElements.append(double + 0, to: &output)
    }
}
