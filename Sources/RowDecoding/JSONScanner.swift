/// A cursor over one JSON text that ends with a line feed.
///
/// The line feed is what makes the scanner safe without a length check of its own: it is not white space here, and no
/// token of JSON may contain it, so every scan stops there. Reading from the start of a line therefore never leaves it.
/// The grammar is RFC 8259's; text must be valid UTF-8.
struct JSONScanner {
    /// Levels of arrays and objects that a record may nest, so that a hostile record cannot exhaust the stack.
    static let maximumDepth = 256

    /// A string as it stands between its quotes.
    struct RawString {
        var range: Range<Int>
        var hasEscapes: Bool
    }

    /// Where the next byte is read.
    var position: Int
    /// Where the text begins, so that faults can name a byte of it.
    let start: Int
    /// Whether a number that fits no Double was passed over.
    private var hasHugeNumber = false

    init(at position: Int) {
        self.position = position
        self.start = position
    }

    /// Makes bytes a text that the scanner can read, from `begin` on.
    ///
    /// A line feed ends a text for the scanner; between tokens any other white space will do as well, and inside a
    /// string both are equally wrong.
    static func endWithLineFeed(_ text: inout [UInt8], from begin: Int) {
        for index in begin..<text.count where text[index] == UInt8(ascii: "\n") {
            text[index] = UInt8(ascii: "\r")
        }
        text.append(UInt8(ascii: "\n"))
    }

    /// Whether the bytes at `place` are one JSON value.
    static func isJSON(_ place: Range<Int>, in bytes: Span<UInt8>) -> Bool {
        var text: [UInt8] = []
        append(place, of: bytes, to: &text)
        endWithLineFeed(&text, from: 0)
        var scanner = JSONScanner(at: 0)
        do throws(RecordFault) {
            try scanner.skipValue(text.span)
            try scanner.expectEnd(text.span)
            return true
        } catch {
            return false
        }
    }

    func malformed(_ reason: String) -> RecordFault {
        .malformed(reason, at: position - start + 1)
    }

    @inline(__always)
    mutating func skipWhiteSpace(_ bytes: Span<UInt8>) {
        while true {
            let byte = bytes[position]
            guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") else { return }
            position += 1
        }
    }

    /// Takes white space and then `byte`; says whether it stood there.
    @inline(__always)
    mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        skipWhiteSpace(bytes)
        guard bytes[position] == byte else { return false }
        position += 1
        return true
    }

    @inline(__always)
    mutating func expect(_ byte: UInt8, _ what: StaticString, _ bytes: Span<UInt8>) throws(RecordFault) {
        guard take(byte, bytes) else { throw malformed("\(what) is missing") }
    }

    /// Takes the end of the text: white space and the line feed.
    ///
    /// - Parameter end: where the text ends if it may hold line feeds itself: it may have more white space up to there.
    mutating func expectEnd(_ bytes: Span<UInt8>, at end: Int? = nil) throws(RecordFault) {
        guard take(UInt8(ascii: "\n"), bytes) else { throw malformed("text after the end of the record") }
        guard let end else { return }
        while position <= end, take(UInt8(ascii: "\n"), bytes) {}
        guard position > end else { throw malformed("text after the end of the record") }
    }

    /// Takes `null` if it stands next.
    @inline(__always)
    mutating func takeNull(_ bytes: Span<UInt8>) throws(RecordFault) -> Bool {
        skipWhiteSpace(bytes)
        guard bytes[position] == UInt8(ascii: "n") else { return false }
        try takeWord("null", bytes)
        return true
    }

    mutating func scanBool(_ bytes: Span<UInt8>) throws(RecordFault) -> Bool {
        skipWhiteSpace(bytes)
        switch bytes[position] {
        case UInt8(ascii: "t"):
            try takeWord("true", bytes)
            return true
        case UInt8(ascii: "f"):
            try takeWord("false", bytes)
            return false
        default:
            throw .misfit("true or false is expected, found \(kindOfValue(bytes))")
        }
    }

    /// Takes a member's name and the colon after it.
    @inline(__always)
    mutating func scanMemberName(_ bytes: Span<UInt8>) throws(RecordFault) -> RawString {
        skipWhiteSpace(bytes)
        guard bytes[position] == UInt8(ascii: "\"") else { throw malformed("a member's name is missing") }
        let name = try scanString(bytes)
        try expect(UInt8(ascii: ":"), "a colon", bytes)
        return name
    }

    /// After a member or an element: takes the comma and says true, or the closing byte and says false.
    @inline(__always)
    mutating func hasMore(until close: UInt8, _ bytes: Span<UInt8>) throws(RecordFault) -> Bool {
        skipWhiteSpace(bytes)
        let byte = bytes[position]
        guard byte == UInt8(ascii: ",") || byte == close else { throw malformed("a comma or a bracket is missing") }
        position += 1
        return byte == UInt8(ascii: ",")
    }

    /// Takes any value, checking its grammar.
    ///
    /// - Returns: whether every number in it fits a Double: servers refuse a whole request for one that does not, or
    ///   store what is no JSON.
    mutating func skipsStorableValue(_ bytes: Span<UInt8>) throws(RecordFault) -> Bool {
        hasHugeNumber = false
        try skipValue(bytes)
        return !hasHugeNumber
    }

    /// Takes any value, checking its grammar.
    mutating func skipValue(_ bytes: Span<UInt8>, depth: Int = 0) throws(RecordFault) {
        skipWhiteSpace(bytes)
        switch bytes[position] {
        case UInt8(ascii: "\""):
            _ = try scanString(bytes)
        case UInt8(ascii: "{"):
            try enter(depth)
            if take(UInt8(ascii: "}"), bytes) { return }
            repeat {
                _ = try scanMemberName(bytes)
                try skipValue(bytes, depth: depth + 1)
            } while try hasMore(until: UInt8(ascii: "}"), bytes)
        case UInt8(ascii: "["):
            try enter(depth)
            if take(UInt8(ascii: "]"), bytes) { return }
            repeat {
                try skipValue(bytes, depth: depth + 1)
            } while try hasMore(until: UInt8(ascii: "]"), bytes)
        case UInt8(ascii: "t"): try takeWord("true", bytes)
        case UInt8(ascii: "f"): try takeWord("false", bytes)
        case UInt8(ascii: "n"): try takeWord("null", bytes)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let number = try scanNumber(bytes)
            // The largest Double has 309 digits before its point.
            if number.digitCount + number.exponent > 308, !Self.isFinite(number, bytes) { hasHugeNumber = true }
        default: throw malformed("a value is missing")
        }
    }

    /// What stands next, in words.
    func kindOfValue(_ bytes: Span<UInt8>) -> String {
        switch bytes[position] {
        case UInt8(ascii: "\""): "text"
        case UInt8(ascii: "{"): "an object"
        case UInt8(ascii: "["): "an array"
        case UInt8(ascii: "t"), UInt8(ascii: "f"): "a truth value"
        case UInt8(ascii: "n"): "null"
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): "a number"
        case UInt8(ascii: "\n"): "the end of the record"
        default: "no JSON value"
        }
    }

    private mutating func enter(_ depth: Int) throws(RecordFault) {
        guard depth < Self.maximumDepth else { throw malformed("more than \(Self.maximumDepth) levels of nesting") }
        position += 1
    }

    private mutating func takeWord(_ word: String, _ bytes: Span<UInt8>) throws(RecordFault) {
        for expected in word.utf8 {
            guard bytes[position] == expected else { throw malformed("a word that is not true, false or null") }
            position += 1
        }
    }
}
