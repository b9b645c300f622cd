import BackfillCore
import CRdKafka
import Glibc

/// Copies messages out of librdkafka's memory into a chunk.
struct ChunkBuilder {
    private var chunk: MessageChunk
    private let capacity: Int

    /// - Parameter capacity: Bytes of text after which the chunk is full.
    init(_ partition: TopicPartition, capacity: Int) {
        self.capacity = capacity
        chunk = MessageChunk(topic: partition.topic, partition: partition.number, end: 0)
    }

    var isFull: Bool { chunk.bytes.count >= capacity }

    /// Whether nothing has been found out that a checkpoint should remember.
    var isEmpty: Bool { chunk.messages.isEmpty && chunk.absent == 0 && chunk.gaps.isEmpty }

    mutating func add(absent: Int64) { chunk.absent += Int(absent) }

    mutating func add(gaps: [OffsetRange]) { chunk.gaps += gaps }

    /// Copies a message, which may be destroyed after that.
    mutating func append(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        // Headers are parsed when they are asked for, and live as long as the message.
        var headers: OpaquePointer?
        let hasHeaders = unsafe rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR
        if chunk.bytes.isEmpty { chunk.bytes.reserveCapacity(capacity + capacity / 4) }
        let firstHeader = chunk.headers.count
        if hasHeaders, let headers = unsafe headers { unsafe append(headers: headers) }
        let key = unsafe append(message.pointee.key, message.pointee.key_len)
        let value = unsafe append(message.pointee.payload, message.pointee.len)
        // The decoder reads a text up to a line feed.
        chunk.bytes.append(UInt8(ascii: "\n"))
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let time = unsafe rd_kafka_message_timestamp(message, &kind)
        chunk.messages.append(
            MessageChunk.Message(
                offset: unsafe message.pointee.offset,
                timestamp: kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || time < 0 ? nil : time,
                key: key, value: value, headers: firstHeader..<chunk.headers.count))
    }

    /// The chunk, behind which reading goes on at `end`.
    consuming func finish(end: Int64) -> MessageChunk {
        chunk.end = end
        return chunk
    }

    private mutating func append(headers: OpaquePointer) {
        var index = 0
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while unsafe rd_kafka_header_get_all(headers, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            let begin = chunk.bytes.count
            if let name = unsafe name {
                unsafe chunk.bytes.append(contentsOf: UnsafeRawBufferPointer(start: name, count: strlen(name)))
            }
            let names = begin..<chunk.bytes.count
            chunk.headers.append(MessageChunk.Header(name: names, value: unsafe append(value, size)))
            index += 1
        }
    }

    /// Copies bytes; nil where there are none, which is not the same as none of them.
    private mutating func append(_ start: UnsafeRawPointer?, _ count: Int) -> Range<Int>? {
        guard let start = unsafe start else { return nil }
        let begin = chunk.bytes.count
        unsafe chunk.bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
        return begin..<chunk.bytes.count
    }
}
