/// The parts of a message as `kcat -J` prints it, as places in the line.
struct MessageEnvelope {
    enum Value {
        case missing
        case null
        case text(JSONScanner.RawString)
        /// Any other value: it lies in the line as it is.
        case inline(Range<Int>)
    }

    var topic: JSONScanner.RawString?
    var partition: Int64?
    var offset: Int64?
    var timestamp: Int64?
    var headers: Range<Int>?
    var key = Value.missing
    var payload = Value.missing

    /// Reads the line at the scanner's position to its end.
    init(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(RecordFault) {
        try scanner.expect(UInt8(ascii: "{"), "the object of a kcat message", bytes)
        if !scanner.take(UInt8(ascii: "}"), bytes) {
            repeat {
                let name = try scanner.scanMemberName(bytes)
                try take(bytes.extracting(name.range), &scanner, bytes)
            } while try scanner.hasMore(until: UInt8(ascii: "}"), bytes)
        }
        try scanner.expectEnd(bytes)
        if topic == nil { throw .misfit("it has no `topic`") }
        if case .missing = payload { throw .misfit("it has no `payload`") }
    }

    private mutating func take(
        _ name: Span<UInt8>, _ scanner: inout JSONScanner, _ bytes: Span<UInt8>
    ) throws(RecordFault) {
        if name.equals("topic") {
            topic = try scanner.scanText(bytes)
        } else if name.equals("partition") {
            partition = try scanner.scanInteger(bytes, in: 0...Int64(Int32.max))
        } else if name.equals("offset") {
            offset = try scanner.scanInteger(bytes, in: 0...Int64.max)
        } else if name.equals("ts") {
            let value = try scanner.scanInteger(bytes, in: Int64.min...Int64.max)
            timestamp = value > 0 ? value : nil
        } else if name.equals("headers") {
            scanner.skipWhiteSpace(bytes)
            let begin = scanner.position
            try scanner.skipValue(bytes)
            headers = begin..<scanner.position
        } else if name.equals("key") {
            key = try Self.value(&scanner, bytes)
        } else if name.equals("payload") {
            payload = try Self.value(&scanner, bytes)
        } else {
            try scanner.skipValue(bytes)
        }
    }

    /// The value of the last header of a name, as text; nil when there is none or its value is null.
    func header(_ name: String, _ bytes: Span<UInt8>) throws(RecordFault) -> JSONScanner.RawString? {
        guard let headers else { return nil }
        var scanner = JSONScanner(at: headers.lowerBound)
        if try scanner.takeNull(bytes) { return nil }
        guard scanner.take(UInt8(ascii: "["), bytes) else {
            throw .misfit("the message's headers are \(scanner.kindOfValue(bytes)) and not an array")
        }
        if scanner.take(UInt8(ascii: "]"), bytes) { return nil }
        let wanted = Array(name.utf8)
        var found: JSONScanner.RawString?
        repeat {
            let candidate = try scanner.scanText(bytes)
            try scanner.expect(UInt8(ascii: ","), "a header's value", bytes)
            let isWanted = JSONScanner.isEqual(candidate, wanted, bytes)
            if try scanner.takeNull(bytes) {
                if isWanted { found = nil }
            } else {
                let value = try scanner.scanText(bytes)
                if isWanted { found = value }
            }
        } while try scanner.hasMore(until: UInt8(ascii: "]"), bytes)
        return found
    }

    private static func value(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(RecordFault) -> Value {
        if try scanner.takeNull(bytes) { return .null }
        if bytes[scanner.position] == UInt8(ascii: "\"") { return .text(try scanner.scanString(bytes)) }
        let begin = scanner.position
        try scanner.skipValue(bytes)
        return .inline(begin..<scanner.position)
    }
}

extension Span<UInt8> {
    /// Whether the bytes are this text.
    @inline(__always)
    func equals(_ text: String) -> Bool {
        guard count == text.utf8.count else { return false }
        var index = 0
        for byte in text.utf8 {
            guard self[index] == byte else { return false }
            index += 1
        }
        return true
    }

    /// Whether the bytes at `range` are these.
    @inline(__always)
    func equals(_ range: Range<Int>, _ other: [UInt8]) -> Bool {
        guard range.count == other.count else { return false }
        for offset in 0..<other.count where self[range.lowerBound + offset] != other[offset] { return false }
        return true
    }
}
