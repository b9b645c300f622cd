/// Writes the messages of a partition as lines of JSON, in the members that `kcat -J` prints: `topic`, `partition`,
/// `offset`, `tstype`, `ts`, `headers`, `key` and `payload`.
///
/// As kcat does, a line leaves out `tstype` and `ts` where the message has no time, and `headers` where it has none.
/// kcat's `broker` is left out, because it says nothing about the record. A string of JSON cannot hold every byte, and
/// what was read must not be lost: where a key, a payload, or the name or value of a header is not UTF-8, its member
/// holds repaired text, and one more member, `key_base64`, `payload_base64` or `headers_base64`, the exact bytes in
/// base64; of headers then all names and values.
public struct MessageLine: Sendable {
    /// What every line begins with, up to the offset.
    private let beginning: [UInt8]

    /// - Parameters:
    ///   - topic: the topic of the messages.
    ///   - partition: the number of their partition.
    public init(topic: String, partition: Int) {
        var beginning = Array("{\"topic\":".utf8)
        JSONString.append(topic.utf8.span, to: &beginning)
        beginning += ",\"partition\":\(partition),\"offset\":".utf8
        self.beginning = beginning
    }

    /// Appends the line of a message, with its `\n`.
    ///
    /// - Parameters:
    ///   - message: says where its parts lie in `headers` and `bytes`.
    ///   - headers: say where their parts lie in `bytes`.
    public func append(
        _ message: MessageChunk.Message,
        headers: [MessageChunk.Header],
        bytes: [UInt8],
        to text: inout [UInt8]
    ) {
        appendMembers(of: message, headers: headers, bytes: bytes, to: &text)
        text += "}\n".utf8
    }

    /// Appends a line that is not closed, for one that has more members.
    package func appendMembers(
        of message: MessageChunk.Message,
        headers: [MessageChunk.Header],
        bytes: [UInt8],
        to text: inout [UInt8]
    ) {
        text += beginning
        text += String(message.offset).utf8
        if let timestamp = message.timestamp {
            text += ",\"tstype\":\"create\",\"ts\":".utf8
            text += String(timestamp).utf8
        }
        if !message.headers.isEmpty {
            appendHeaders(headers[message.headers], bytes: bytes.span, to: &text)
        }
        text += ",\"key\":".utf8
        if !append(message.key, of: bytes.span, to: &text) {
            text += ",\"key_base64\":".utf8
            appendBase64(message.key, of: bytes.span, to: &text)
        }
        text += ",\"payload\":".utf8
        if !append(message.value, of: bytes.span, to: &text) {
            text += ",\"payload_base64\":".utf8
            appendBase64(message.value, of: bytes.span, to: &text)
        }
    }

    private func appendHeaders(
        _ headers: ArraySlice<MessageChunk.Header>,
        bytes: Span<UInt8>,
        to text: inout [UInt8]
    ) {
        var isExact = true
        text += ",\"headers\":".utf8
        appendArray(headers, to: &text) { part, text in
            if !append(part, of: bytes, to: &text) { isExact = false }
        }
        if isExact { return }
        text += ",\"headers_base64\":".utf8
        appendArray(headers, to: &text) { part, text in appendBase64(part, of: bytes, to: &text) }
    }

    /// Appends an array of all names and values, in turns.
    private func appendArray(
        _ headers: ArraySlice<MessageChunk.Header>,
        to text: inout [UInt8],
        appendPart: (Range<Int>?, inout [UInt8]) -> Void
    ) {
        var separator = UInt8(ascii: "[")
        for header in headers {
            text.append(separator)
            separator = UInt8(ascii: ",")
            appendPart(header.name, &text)
            text.append(separator)
            appendPart(header.value, &text)
        }
        text.append(UInt8(ascii: "]"))
    }

    /// Whether the text holds the part exactly, as it does with `null` for one that is not there.
    private func append(_ part: Range<Int>?, of bytes: Span<UInt8>, to text: inout [UInt8]) -> Bool {
        guard let part else {
            text += "null".utf8
            return true
        }
        return JSONString.append(bytes.extracting(part), to: &text)
    }

    private func appendBase64(_ part: Range<Int>?, of bytes: Span<UInt8>, to text: inout [UInt8]) {
        guard let part else {
            text += "null".utf8
            return
        }
        text.append(UInt8(ascii: "\""))
        Base64Text.append(bytes.extracting(part), to: &text)
        text.append(UInt8(ascii: "\""))
    }
}
