/// A run of consecutive messages of one partition, read together, decoded together, acknowledged together.
public struct MessageChunk: Sendable {
    /// A message, with the places of its parts in `bytes`.
    public struct Message: Sendable {
        public var offset: Int64
        /// Milliseconds since 1970; nil when the message has no time.
        public var timestamp: Int64?
        /// nil when the message has no key.
        public var key: Range<Int>?
        /// nil for a tombstone. The byte behind it is a line feed, which is no part of it.
        public var value: Range<Int>?
        /// The message's headers in `MessageChunk.headers`, in order.
        public var headers: Range<Int>

        public init(
            offset: Int64, timestamp: Int64?, key: Range<Int>?, value: Range<Int>?, headers: Range<Int> = 0..<0
        ) {
            self.offset = offset
            self.timestamp = timestamp
            self.key = key
            self.value = value
            self.headers = headers
        }
    }

    /// A header, with the places of its parts in `bytes`.
    public struct Header: Sendable {
        public var name: Range<Int>
        /// nil when the header's value is null.
        public var value: Range<Int>?

        public init(name: Range<Int>, value: Range<Int>?) {
            self.name = name
            self.value = value
        }
    }

    public var topic: String
    public var partition: Int32
    public var bytes: [UInt8]
    public var messages: [Message]
    public var headers: [Header]
    /// The offset of the next message after this chunk; the start of the unit's next range when it ends one.
    public var end: Int64
    /// Offsets of the range that hold no message, although the log still covers them: removed by compaction, markers
    /// of transactions, and messages of aborted transactions.
    public var absent: Int
    /// Offsets before these messages that the log does not cover any more.
    public var gaps: [OffsetRange]

    public init(
        topic: String, partition: Int32, bytes: [UInt8] = [], messages: [Message] = [], headers: [Header] = [],
        end: Int64, absent: Int = 0, gaps: [OffsetRange] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.bytes = bytes
        self.messages = messages
        self.headers = headers
        self.end = end
        self.absent = absent
        self.gaps = gaps
    }
}
