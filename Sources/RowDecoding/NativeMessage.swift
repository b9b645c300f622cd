import BackfillCore

/// A message of a topic, in the arena of its chunk.
struct NativeMessage {
    private let topic: [UInt8]
    private let partitionNumber: Int64
    private let chunkHeaders: [MessageChunk.Header]
    /// Where they lie; set for each message in turn, so that one value serves the chunk.
    var parts = MessageChunk.Message(offset: 0, timestamp: nil, key: nil, value: nil)

    init(_ chunk: MessageChunk) {
        self.topic = Array(chunk.topic.utf8)
        self.partitionNumber = Int64(chunk.partition)
        self.chunkHeaders = chunk.headers
    }
}

extension NativeMessage: MessageParts {
    var partition: Int64? { partitionNumber }
    var offset: Int64? { parts.offset }
    var timestamp: Int64? { parts.timestamp }

    func appendTopic(of bytes: Span<UInt8>, to output: inout [UInt8]) {
        output.append(contentsOf: topic)
    }

    func appendKey(of bytes: Span<UInt8>, to output: inout [UInt8]) -> MessageKeyText {
        guard let key = parts.key else { return .none }
        JSONScanner.append(key, of: bytes, to: &output)
        return .bytes
    }

    func appendHeader(named name: [UInt8], of bytes: Span<UInt8>, to output: inout [UInt8]) -> Bool {
        guard let last = chunkHeaders[parts.headers].last(where: { bytes.equals($0.name, name) }),
            let value = last.value
        else { return false }
        JSONScanner.append(value, of: bytes, to: &output)
        return true
    }
}

extension NativeMessage {
    /// Every header, in order.
    func headers(of bytes: Span<UInt8>) -> [MessageHeader] {
        chunkHeaders[parts.headers].map { header in
            MessageHeader(
                name: String(decoding: JSONScanner.copy(header.name, of: bytes), as: UTF8.self),
                value: header.value.map { JSONScanner.copy($0, of: bytes) })
        }
    }
}
