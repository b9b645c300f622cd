/// The parts of a message, wherever it was read.
///
/// They are places in the text or the arena that the message lies in, which every function gets as `bytes`. The hot
/// path is generic over the two conforming types, so that nothing is looked up or allocated for a row.
protocol MessageParts {
    var partition: Int64? { get }
    var offset: Int64? { get }
    /// Milliseconds since 1970; nil when the message has no time.
    var timestamp: Int64? { get }

    /// Appends the topic's UTF-8.
    func appendTopic(of bytes: Span<UInt8>, to output: inout [UInt8])

    /// Appends the key and says what was appended.
    func appendKey(of bytes: Span<UInt8>, to output: inout [UInt8]) throws(RecordFault) -> MessageKeyText

    /// Appends the value of the last header with this name.
    ///
    /// - Returns: whether there is one and its value is not null.
    func appendHeader(
        named name: [UInt8], of bytes: Span<UInt8>, to output: inout [UInt8]
    ) throws(RecordFault) -> Bool
}

/// What stands for a message's key.
enum MessageKeyText {
    /// Nothing: the message has no key.
    case none
    /// The key's bytes.
    case bytes
    /// A JSON value that is no string, in a line that names the key by its value and not by its bytes.
    case json
}
