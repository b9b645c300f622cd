/// A record that cannot be written, with everything that is needed to find, mend and replay it.
public struct Reject: Sendable, Equatable {
    /// Index of the unit that the record came from.
    public var unit: Int
    /// The place of the record in its unit: index of the file, number of the line.
    public var file: Int
    public var line: Int
    /// Topic, partition and offset of the message; for a dump without envelope the file's name, 0 and the line's number.
    public var topic: String
    public var partition: Int
    public var offset: Int
    /// Milliseconds since 1970, where the message had a time.
    public var timestamp: Int?
    /// The message's key as text, where it had one.
    public var key: String?
    /// The message's value byte for byte; nil for a tombstone.
    public var payload: [UInt8]?
    /// One sentence: what is wrong.
    public var reason: String

    public init(
        unit: Int,
        file: Int,
        line: Int,
        topic: String,
        partition: Int,
        offset: Int,
        timestamp: Int? = nil,
        key: String? = nil,
        payload: [UInt8]?,
        reason: String
    ) {
        self.unit = unit
        self.file = file
        self.line = line
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.payload = payload
        self.reason = reason
    }
}
