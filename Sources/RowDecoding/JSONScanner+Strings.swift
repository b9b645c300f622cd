extension JSONScanner {
    /// Takes a string, checking its escapes and its UTF-8.
    mutating func scanString(_ bytes: Span<UInt8>) throws(RecordFault) -> RawString {
        position += 1
        let begin = position
        var hasEscapes = false
        while true {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                defer { position += 1 }
                return RawString(range: begin..<position, hasEscapes: hasEscapes)
            }
            if byte >= 0x80 {
                try takeMultiByteCharacter(bytes)
            } else if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try takeEscape(bytes)
            } else if byte < 0x20 {
                throw malformed(
                    byte == UInt8(ascii: "\n") ? "a string does not end" : "a control character in a string")
            } else {
                position += 1
            }
        }
    }

    /// Takes a value that has to be a string.
    mutating func scanText(_ bytes: Span<UInt8>) throws(RecordFault) -> RawString {
        skipWhiteSpace(bytes)
        guard bytes[position] == UInt8(ascii: "\"") else {
            throw .misfit("text is expected, found \(kindOfValue(bytes))")
        }
        return try scanString(bytes)
    }

    /// Appends a scanned string's characters, escapes resolved.
    static func append(_ string: RawString, of bytes: Span<UInt8>, to output: inout [UInt8]) {
        guard string.hasEscapes else {
            append(string.range, of: bytes, to: &output)
            return
        }
        var index = string.range.lowerBound
        while index < string.range.upperBound {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\\") else {
                output.append(byte)
                index += 1
                continue
            }
            let escape = bytes[index + 1]
            index += 2
            switch escape {
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "u"):
                var scalar = hexadecimal(bytes, at: index)
                index += 4
                if 0xD800..<0xDC00 ~= scalar {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (hexadecimal(bytes, at: index + 2) - 0xDC00)
                    index += 6
                }
                appendUTF8(scalar, to: &output)
            default: output.append(escape)
            }
        }
    }

    /// Whether a scanned string's characters are these, escapes resolved.
    static func isEqual(_ string: RawString, _ text: [UInt8], _ bytes: Span<UInt8>) -> Bool {
        string.hasEscapes ? resolved(string, of: bytes) == text : bytes.equals(string.range, text)
    }

    /// Whether two scanned strings have the same characters, escapes resolved.
    static func isEqual(_ string: RawString, _ other: RawString, _ bytes: Span<UInt8>) -> Bool {
        if string.hasEscapes || other.hasEscapes { return resolved(string, of: bytes) == resolved(other, of: bytes) }
        guard string.range.count == other.range.count else { return false }
        for offset in 0..<string.range.count
        where bytes[string.range.lowerBound + offset] != bytes[other.range.lowerBound + offset] {
            return false
        }
        return true
    }

    /// A scanned string's characters, escapes resolved.
    static func resolved(_ string: RawString, of bytes: Span<UInt8>) -> [UInt8] {
        var characters: [UInt8] = []
        append(string, of: bytes, to: &characters)
        return characters
    }

    /// Appends bytes as they are.
    static func append(_ range: Range<Int>, of bytes: Span<UInt8>, to output: inout [UInt8]) {
        // Unsafe for speed: a span cannot be appended as a whole, and byte by byte costs more than the scan.
        unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
    }

    /// The bytes as they are.
    static func copy(_ range: Range<Int>, of bytes: Span<UInt8>) -> [UInt8] {
        var copy: [UInt8] = []
        append(range, of: bytes, to: &copy)
        return copy
    }

    private mutating func takeEscape(_ bytes: Span<UInt8>) throws(RecordFault) {
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            let scalar = try takeCodeUnit(bytes)
            guard 0xD800..<0xE000 ~= scalar else { return }
            guard scalar < 0xDC00, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u"),
                0xDC00..<0xE000 ~= (try takeCodeUnit(bytes))
            else { throw malformed("half of a surrogate pair") }
        default:
            throw malformed("an escape that JSON does not have")
        }
    }

    private mutating func takeCodeUnit(_ bytes: Span<UInt8>) throws(RecordFault) -> UInt32 {
        for offset in 2..<6 {
            switch bytes[position + offset] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                UInt8(ascii: "A")...UInt8(ascii: "F"):
                continue
            default: throw malformed("an escape without its four digits")
            }
        }
        defer { position += 6 }
        return Self.hexadecimal(bytes, at: position + 2)
    }

    /// Takes one character of two to four bytes in the well-formed shapes of the Unicode standard's table 3-7.
    private mutating func takeMultiByteCharacter(_ bytes: Span<UInt8>) throws(RecordFault) {
        let lead = bytes[position]
        let second = bytes[position + 1]
        let length: Int
        switch (lead, second) {
        case (0xC2...0xDF, 0x80...0xBF): length = 2
        case (0xE0, 0xA0...0xBF), (0xE1...0xEC, 0x80...0xBF), (0xED, 0x80...0x9F), (0xEE...0xEF, 0x80...0xBF):
            length = 3
        case (0xF0, 0x90...0xBF), (0xF1...0xF3, 0x80...0xBF), (0xF4, 0x80...0x8F): length = 4
        default: throw malformed("text that is not UTF-8")
        }
        if length > 2 {
            for offset in 2..<length where bytes[position + offset] & 0xC0 != 0x80 {
                throw malformed("text that is not UTF-8")
            }
        }
        position += length
    }

    private static func hexadecimal(_ bytes: Span<UInt8>, at index: Int) -> UInt32 {
        var value: UInt32 = 0
        for offset in 0..<4 {
            let byte = bytes[index + offset]
            let digit = byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : (byte | 0x20) - UInt8(ascii: "a") + 10
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private static func appendUTF8(_ scalar: UInt32, to output: inout [UInt8]) {
        switch scalar {
        case 0..<0x80:
            output.append(UInt8(scalar))
        case 0x80..<0x800:
            output.append(UInt8(0xC0 | scalar >> 6))
            output.append(UInt8(0x80 | scalar & 0x3F))
        case 0x800..<0x10000:
            output.append(UInt8(0xE0 | scalar >> 12))
            output.append(UInt8(0x80 | scalar >> 6 & 0x3F))
            output.append(UInt8(0x80 | scalar & 0x3F))
        default:
            output.append(UInt8(0xF0 | scalar >> 18))
            output.append(UInt8(0x80 | scalar >> 12 & 0x3F))
            output.append(UInt8(0x80 | scalar >> 6 & 0x3F))
            output.append(UInt8(0x80 | scalar & 0x3F))
        }
    }
}
