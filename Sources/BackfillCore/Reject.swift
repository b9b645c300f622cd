/// A record that cannot be written, with everything that is needed to find, mend and replay it.
public struct Reject: Sendable, Equatable {
    /// Index of the unit that the record came from.
    public var unit: Int
    /// The place of the record in its unit.
    public var position: SourcePosition
    /// Topic, partition and offset of the message; for a dump without envelope the file's name, 0 and the line's number.
    public var topic: String
    public var partition: Int
    public var offset: Int64
    /// Milliseconds since 1970, where the message had a time.
    public var timestamp: Int64?
    public var headers: [MessageHeader]
    /// The message's key byte for byte; nil when it has none.
    public var key: [UInt8]?
    /// The message's value byte for byte; nil for a tombstone.
    public var payload: [UInt8]?
    /// One sentence: what is wrong.
    public var reason: String

    public init(
        unit: Int,
        position: SourcePosition,
        topic: String,
        partition: Int,
        offset: Int64,
        timestamp: Int64? = nil,
        headers: [MessageHeader] = [],
        key: [UInt8]? = nil,
        payload: [UInt8]?,
        reason: String
    ) {
        self.unit = unit
        self.position = position
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.headers = headers
        self.key = key
        self.payload = payload
        self.reason = reason
    }
}

extension Reject {
    /// Appends the line of the record's message, with its `\n` and without the reason.
    package func appendMessageLine(to text: inout [UInt8]) {
        appendMessageMembers(to: &text)
        text += "}\n".utf8
    }

    /// Appends the line of the record's message without its end, for one that has more members.
    package func appendMessageMembers(to text: inout [UInt8]) {
        var parts: [UInt8] = []
        func add(_ part: [UInt8]) -> Range<Int> {
            parts += part
            return parts.count - part.count..<parts.count
        }
        let headers = headers.map { header in
            MessageChunk.Header(name: add(Array(header.name.utf8)), value: header.value.map(add))
        }
        let message = MessageChunk.Message(
            offset: offset, timestamp: timestamp, key: key.map(add), value: payload.map(add), headers: headers.indices)
        MessageLine(topic: topic, partition: partition)
            .appendMembers(of: message, headers: headers, bytes: parts, to: &text)
    }
}

/// A header of a message.
public struct MessageHeader: Sendable, Equatable {
    public var name: String
    /// Byte for byte; nil when it is null.
    public var value: [UInt8]?

    public init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}
