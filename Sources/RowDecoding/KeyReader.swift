import BackfillCore

/// Reads the keys of messages as values of columns. It keeps its buffer, so that no key costs an allocation.
struct KeyReader {
    private let format: MessageKey.Format
    private let path: [[UInt8]]
    private let mayBeInConnectEnvelope: Bool
    private var text: [UInt8] = []

    init(plan: RecordPlan) {
        format = plan.keyFormat
        path = plan.keyPath
        mayBeInConnectEnvelope = plan.keyMayBeInConnectEnvelope
    }

    /// Appends a message's key as the value of a column.
    ///
    /// - Parameters:
    ///   - bytes: what the message was read from.
    ///   - kind: how the column's values are read.
    /// - Returns: whether the message has a key. A JSON key that is null is none.
    mutating func append(
        _ message: some MessageParts, of bytes: Span<UInt8>, to column: inout Column, kind: RecordPlan.ColumnKind?
    ) throws(RecordFault) -> Bool {
        text.removeAll(keepingCapacity: true)
        switch (try message.appendKey(of: bytes, to: &text), format) {
        case (.none, _): return false
        case (.bytes, .text): try appendText(to: &column, kind)
        case (.bytes, .integer): try appendInteger(to: &column, kind)
        case (.bytes, .json), (.json, .json): return try appendJSON(to: &column, kind)
        case (.json, .text), (.json, .integer): try appendNumber(to: &column, kind)
        }
        return true
    }

    /// The bytes of the last key as text, whether they could be read or not.
    var lastText: String {
        // A line feed was added where the key was scanned.
        String(decoding: text.last == UInt8(ascii: "\n") ? text.dropLast() : text[...], as: UTF8.self)
    }

    private mutating func appendText(
        to column: inout Column, _ kind: RecordPlan.ColumnKind?
    ) throws(RecordFault) {
        guard case .varChar(let maxLength)? = kind else { return try appendNumber(to: &column, kind) }
        let begin = column.bytes.count
        column.bytes.append(contentsOf: text)
        try column.closeText(from: begin, maxLength: maxLength, "the message's key")
    }

    /// The whole text as a number.
    private mutating func appendNumber(
        to column: inout Column, _ kind: RecordPlan.ColumnKind?
    ) throws(RecordFault) {
        let end = text.count
        JSONScanner.endWithLineFeed(&text, from: 0)
        try Self.appendNumber(at: 0..<end, of: text.span, to: &column, kind)
    }

    private func appendInteger(
        to column: inout Column, _ kind: RecordPlan.ColumnKind?
    ) throws(RecordFault) {
        switch text.count {
        case 1, 2, 4, 8: break
        case let count:
            throw .misfit("the message's key has \(count) bytes, and an integer has 1, 2, 4 or 8 (record.key)")
        }
        var value: Int64 = text[0] < 0x80 ? 0 : -1
        for byte in text { value = value << 8 | Int64(byte) }
        guard case .integer(let range)? = kind else { throw Self.misfit(column) }
        guard range.contains(value) else {
            throw .misfit("the message's key \(value) is outside of \(range.lowerBound)...\(range.upperBound)")
        }
        column.append(value)
    }

    private mutating func appendJSON(
        to column: inout Column, _ kind: RecordPlan.ColumnKind?
    ) throws(RecordFault) -> Bool {
        let framing = RegistryFraming(text.span, in: 0..<text.count)
        let begin = framing == nil ? 0 : RegistryFraming.length
        JSONScanner.endWithLineFeed(&text, from: begin)
        var scanner = JSONScanner(at: begin)
        do throws(RecordFault) {
            var check = scanner
            try check.skipValue(text.span)
            try check.expectEnd(text.span)
        } catch {
            throw framing?.withoutJSON(in: "message's key") ?? .misfit("the message's key is \(error.reason)")
        }
        try find(&scanner, text.span)
        if try scanner.takeNull(text.span) { return false }
        try Self.appendValue(&scanner, text.span, to: &column, kind)
        return true
    }

    /// Moves the scanner to the value that the path leads to. The text is valid JSON.
    private func find(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(RecordFault) {
        if mayBeInConnectEnvelope {
            var inside = scanner
            if inside.take(UInt8(ascii: "{"), bytes), let envelope = try inside.connectEnvelope(bytes) {
                scanner.position = envelope.payload
            }
        }
        for name in path { try enter(name, &scanner, bytes) }
    }

    private func enter(
        _ name: [UInt8], _ scanner: inout JSONScanner, _ bytes: Span<UInt8>
    ) throws(RecordFault) {
        guard scanner.take(UInt8(ascii: "{"), bytes) else {
            throw .misfit("the message's key is \(scanner.kindOfValue(bytes)) and not an object (record.key.path)")
        }
        var found: Int?
        if !scanner.take(UInt8(ascii: "}"), bytes) {
            repeat {
                let member = try scanner.scanMemberName(bytes)
                if JSONScanner.isEqual(member, name, bytes) {
                    guard found == nil else {
                        throw .misfit("the message's key has two values for `\(Self.shown(name))` (record.key.path)")
                    }
                    found = scanner.position
                }
                try scanner.skipValue(bytes)
            } while try scanner.hasMore(until: UInt8(ascii: "}"), bytes)
        }
        guard let found else {
            throw .misfit("the message's key has no `\(Self.shown(name))` (record.key.path)")
        }
        scanner.position = found
    }

    private static func shown(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }

    private static func appendValue(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, to column: inout Column, _ kind: RecordPlan.ColumnKind?
    ) throws(RecordFault) {
        let begin = scanner.position
        switch kind {
        case .varChar(let maxLength)?:
            guard bytes[begin] == UInt8(ascii: "\"") else { throw misfit(column) }
            try scanner.appendText(bytes, maxLength: maxLength, to: &column.bytes)
            column.closeRow()
        default:
            if bytes[begin] == UInt8(ascii: "\"") {
                try appendNumber(at: scanner.scanString(bytes).range, of: bytes, to: &column, kind)
            } else {
                try scanner.skipValue(bytes)
                try appendNumber(at: begin..<scanner.position, of: bytes, to: &column, kind)
            }
        }
    }

    private static func appendNumber(
        at place: Range<Int>, of bytes: Span<UInt8>, to column: inout Column, _ kind: RecordPlan.ColumnKind?
    ) throws(RecordFault) {
        guard case .integer(let range)? = kind else { throw misfit(column) }
        var scanner = JSONScanner(at: place.lowerBound)
        let value: Int64
        do throws(RecordFault) {
            value = try scanner.scanInteger(bytes, in: range)
        } catch {
            throw .misfit("the message's key is not an integer of the field's type: \(error.reason)")
        }
        // The scanner passes over white space in front of a number; in a key it is a part of it.
        guard bytes[place.lowerBound] > UInt8(ascii: " "), scanner.position == place.upperBound else {
            throw .misfit("the message's key is not an integer")
        }
        column.append(value)
    }

    private static func misfit(_ column: Column) -> RecordFault {
        .misfit("the message's key does not fit a field of type \(column.field.type)")
    }
}
