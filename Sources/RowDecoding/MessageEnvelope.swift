import BackfillCore

/// A message as `kcat -J` prints it, as places in its line.
///
/// A string of JSON holds text and nothing else, so this program adds members that `kcat` does not have where a part of
/// a message is no text: `key_base64`, `payload_base64` and `headers_base64` hold the bytes and go before the members
/// that they are named after.
struct MessageEnvelope {
    private enum Value {
        case missing
        case null
        case text(Text)
        /// kcat was told to decode it and could not, and printed null in its place.
        case undecoded
        /// A value that is no string: it lies in the line as it is.
        case inline(Range<Int>)

        var isMissing: Bool {
            if case .missing = self { true } else { false }
        }
    }

    /// A string that is a part of the message, or the base64 of one.
    private struct Text {
        var string: JSONScanner.RawString
        /// The member that holds it, if it is base64.
        var base64Member: StaticString?

        func append(of bytes: Span<UInt8>, to output: inout [UInt8]) throws(RecordFault) {
            guard let base64Member else { return JSONScanner.append(string, of: bytes, to: &output) }
            guard !string.hasEscapes, Base64.append(string.range, of: bytes, to: &output) else {
                throw .misfit("`\(base64Member)` is not base64")
            }
        }

        func isEqual(to text: [UInt8], _ bytes: Span<UInt8>) throws(RecordFault) -> Bool {
            guard let base64Member else { return JSONScanner.isEqual(string, text, bytes) }
            guard !string.hasEscapes, let isEqual = Base64.isEqual(string.range, of: bytes, to: text) else {
                throw .misfit("`\(base64Member)` is not base64")
            }
            return isEqual
        }
    }

    private struct Headers {
        var place: Range<Int>
        var areBase64: Bool
    }

    private(set) var partition: Int64?
    private(set) var offset: Int64?
    private var topic: JSONScanner.RawString?
    private var time: Int64?
    private var headers: Headers?
    private var key = Value.missing
    private var payload = Value.missing

    /// Reads the line at the scanner's position to its end.
    init(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(RecordFault) {
        var overrides = Overrides()
        try scanner.expect(UInt8(ascii: "{"), "the object of a kcat message", bytes)
        if !scanner.take(UInt8(ascii: "}"), bytes) {
            repeat {
                let name = try scanner.scanMemberName(bytes)
                if name.hasEscapes {
                    try take(JSONScanner.resolved(name, of: bytes).span, &overrides, &scanner, bytes)
                } else {
                    try take(bytes.extracting(name.range), &overrides, &scanner, bytes)
                }
            } while try scanner.hasMore(until: UInt8(ascii: "}"), bytes)
        }
        try scanner.expectEnd(bytes)
        if let place = overrides.headers { headers = Headers(place: place, areBase64: true) }
        if let value = overrides.key { key = value }
        if let value = overrides.payload { payload = value }
        if topic == nil { throw .misfit("it has no `topic`") }
        if payload.isMissing { throw .misfit("it has no `payload`") }
    }

    /// What goes before `key`, `payload` and `headers`, wherever it stands in the line.
    private struct Overrides {
        var key: Value?
        var payload: Value?
        var headers: Range<Int>?
    }

    private mutating func take(
        _ name: Span<UInt8>, _ overrides: inout Overrides, _ scanner: inout JSONScanner, _ bytes: Span<UInt8>
    ) throws(RecordFault) {
        if name.equals("topic") {
            try Self.expectFirst(topic == nil, "topic")
            topic = try scanner.scanText(bytes)
        } else if name.equals("partition") {
            try Self.expectFirst(partition == nil, "partition")
            partition = try scanner.scanInteger(bytes, in: 0...Int64(Int32.max))
        } else if name.equals("offset") {
            try Self.expectFirst(offset == nil, "offset")
            offset = try scanner.scanInteger(bytes, in: 0...Int64.max)
        } else if name.equals("ts") {
            try Self.expectFirst(time == nil, "ts")
            time = try scanner.scanInteger(bytes, in: Int64.min...Int64.max)
        } else if name.equals("headers") {
            try Self.expectFirst(headers == nil, "headers")
            headers = Headers(place: try Self.place(&scanner, bytes), areBase64: false)
        } else if name.equals("key") {
            try Self.expectFirst(key.isMissing, "key")
            key = try Self.value(&scanner, bytes)
        } else if name.equals("payload") {
            try Self.expectFirst(payload.isMissing, "payload")
            payload = try Self.value(&scanner, bytes)
        } else if name.equals("key_base64") {
            try Self.expectFirst(overrides.key == nil, "key_base64")
            overrides.key = .text(Text(string: try scanner.scanText(bytes), base64Member: "key_base64"))
        } else if name.equals("payload_base64") {
            try Self.expectFirst(overrides.payload == nil, "payload_base64")
            overrides.payload = .text(Text(string: try scanner.scanText(bytes), base64Member: "payload_base64"))
        } else if name.equals("headers_base64") {
            try Self.expectFirst(overrides.headers == nil, "headers_base64")
            overrides.headers = try Self.place(&scanner, bytes)
        } else if name.equals("key_error") {
            try Self.expectFirst(overrides.key == nil, "key_error")
            try scanner.skipValue(bytes)
            overrides.key = .undecoded
        } else if name.equals("payload_error") {
            try Self.expectFirst(overrides.payload == nil, "payload_error")
            try scanner.skipValue(bytes)
            overrides.payload = .undecoded
        } else {
            try scanner.skipValue(bytes)
        }
    }

    private static func expectFirst(_ isFirst: Bool, _ name: StaticString) throws(RecordFault) {
        guard isFirst else { throw .misfit("it has two values for `\(name)`") }
    }

    private static func value(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(RecordFault) -> Value {
        if try scanner.takeNull(bytes) { return .null }
        if bytes[scanner.position] == UInt8(ascii: "\"") {
            return .text(Text(string: try scanner.scanString(bytes)))
        }
        return .inline(try place(&scanner, bytes))
    }

    private static func place(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(RecordFault) -> Range<Int> {
        scanner.skipWhiteSpace(bytes)
        let begin = scanner.position
        try scanner.skipValue(bytes)
        return begin..<scanner.position
    }
}

extension MessageEnvelope {
    /// Appends the value.
    ///
    /// - Returns: whether the message has one; it is a tombstone otherwise.
    func appendPayload(of bytes: Span<UInt8>, to output: inout [UInt8]) throws(RecordFault) -> Bool {
        try Self.append(payload, of: bytes, to: &output)
    }

    /// Every header, in order.
    func headers(of bytes: Span<UInt8>) throws(RecordFault) -> [MessageHeader] {
        guard var reader = HeaderReader(headers) else { return [] }
        var all: [MessageHeader] = []
        while let header = try reader.next(bytes) {
            var name: [UInt8] = []
            try header.name.append(of: bytes, to: &name)
            var value: [UInt8]?
            if let text = header.value {
                var content: [UInt8] = []
                try text.append(of: bytes, to: &content)
                value = content
            }
            all.append(MessageHeader(name: String(decoding: name, as: UTF8.self), value: value))
        }
        return all
    }
}

extension MessageEnvelope: MessageParts {
    var timestamp: Int64? {
        // kcat prints a time only where the message has one; librdkafka's mark for none is negative.
        guard let time, time >= 0 else { return nil }
        return time
    }

    func appendTopic(of bytes: Span<UInt8>, to output: inout [UInt8]) {
        guard let topic else { return }
        JSONScanner.append(topic, of: bytes, to: &output)
    }

    func appendKey(of bytes: Span<UInt8>, to output: inout [UInt8]) throws(RecordFault) -> MessageKeyText {
        guard try Self.append(key, of: bytes, to: &output) else { return .none }
        if case .inline = key { return .json }
        return .bytes
    }

    private static func append(
        _ value: Value, of bytes: Span<UInt8>, to output: inout [UInt8]
    ) throws(RecordFault) -> Bool {
        switch value {
        case .missing, .null: return false
        // The null is not the message's: it would be taken for a tombstone, and the row would be deleted.
        case .undecoded: throw .misfit("kcat could not decode its key or payload")
        case .text(let text): try text.append(of: bytes, to: &output)
        case .inline(let place): JSONScanner.append(place, of: bytes, to: &output)
        }
        return true
    }

    func appendHeader(
        named name: [UInt8], of bytes: Span<UInt8>, to output: inout [UInt8]
    ) throws(RecordFault) -> Bool {
        guard var reader = HeaderReader(headers) else { return false }
        var found: Text?
        while let header = try reader.next(bytes) {
            if try header.name.isEqual(to: name, bytes) { found = header.value }
        }
        try found?.append(of: bytes, to: &output)
        return found != nil
    }

    /// Goes over the headers of a line: one array of names and values in turn.
    private struct HeaderReader {
        private var scanner: JSONScanner
        private let base64Member: StaticString?
        private var isInside = false

        init?(_ headers: Headers?) {
            guard let headers else { return nil }
            scanner = JSONScanner(at: headers.place.lowerBound)
            base64Member = headers.areBase64 ? "headers_base64" : nil
        }

        /// The next header, whose value is nil when it is null; nil behind the last one.
        mutating func next(_ bytes: Span<UInt8>) throws(RecordFault) -> (name: Text, value: Text?)? {
            guard try isInside ? scanner.hasMore(until: UInt8(ascii: "]"), bytes) : begin(bytes) else { return nil }
            isInside = true
            let name = Text(string: try scanner.scanText(bytes), base64Member: base64Member)
            try scanner.expect(UInt8(ascii: ","), "a header's value", bytes)
            if try scanner.takeNull(bytes) { return (name, nil) }
            return (name, Text(string: try scanner.scanText(bytes), base64Member: base64Member))
        }

        /// Enters the array and says whether it holds anything.
        private mutating func begin(_ bytes: Span<UInt8>) throws(RecordFault) -> Bool {
            if try scanner.takeNull(bytes) { return false }
            guard scanner.take(UInt8(ascii: "["), bytes) else {
                throw .misfit("the message's headers are \(scanner.kindOfValue(bytes)) and not an array")
            }
            return !scanner.take(UInt8(ascii: "]"), bytes)
        }
    }
}
