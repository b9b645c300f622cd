import BackfillCore
import RowDecoding

/// A message with its parts as values, to be laid out in the arena of a chunk or printed as a line.
struct TestMessage {
    var offset: Int64 = 0
    var timestamp: Int64?
    var headers: [MessageHeader] = []
    var key: [UInt8]?
    var value: [UInt8]?

    init(
        bytes value: [UInt8]?, key: [UInt8]? = nil, offset: Int64 = 0, timestamp: Int64? = nil,
        headers: [MessageHeader] = []
    ) {
        self.offset = offset
        self.timestamp = timestamp
        self.headers = headers
        self.key = key
        self.value = value
    }

    init(
        _ value: String?, key: String? = nil, offset: Int64 = 0, timestamp: Int64? = nil, headers: [MessageHeader] = []
    ) {
        self.init(
            bytes: value.map { Array($0.utf8) }, key: key.map { Array($0.utf8) }, offset: offset, timestamp: timestamp,
            headers: headers)
    }
}

extension MessageHeader {
    init(_ name: String, _ value: String?) {
        self.init(name: name, value: value.map { Array($0.utf8) })
    }
}

extension MessageChunk {
    /// Lays messages out end to end, with digits between their parts, so that one that is read beyond its end shows.
    init(_ messages: [TestMessage], topic: String = "articles", partition: Int32 = 3, end: Int64 = 0) {
        self.init(topic: topic, partition: partition, end: end)
        for message in messages {
            let key = message.key.map { add($0, "7") }
            let value = message.value.map { add($0, "\n7") }
            let firstHeader = headers.count
            for header in message.headers {
                let name = add(Array(header.name.utf8), "7")
                headers.append(Header(name: name, value: header.value.map { add($0, "7") }))
            }
            self.messages.append(
                Message(
                    offset: message.offset, timestamp: message.timestamp, key: key, value: value,
                    headers: firstHeader..<headers.count))
        }
    }

    private mutating func add(_ part: [UInt8], _ behind: String) -> Range<Int> {
        let begin = bytes.count
        bytes += part
        defer { bytes += behind.utf8 }
        return begin..<bytes.count
    }
}

extension Records {
    func decode(_ messages: [TestMessage]) -> DecodedChunk {
        decoder.decode(.messages(MessageChunk(messages)))
    }

    func decode(_ messages: TestMessage...) -> DecodedChunk {
        decode(messages)
    }

    /// The messages as lines of a dump.
    func decodeLines(of messages: [TestMessage]) -> DecodedChunk {
        let chunk = MessageChunk(messages)
        let line = MessageLine(topic: chunk.topic, partition: Int(chunk.partition))
        var text: [UInt8] = []
        for message in chunk.messages { line.append(message, headers: chunk.headers, bytes: chunk.bytes, to: &text) }
        return decode(bytes: text)
    }
}

extension DecodedChunk {
    /// The offsets of the messages that were rejected.
    var rejectedOffsets: [Int64] { rejects.map(\.offset) }
}
