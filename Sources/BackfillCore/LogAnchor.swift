/// A message by which a partition's log is known again: one that was deleted and made anew holds another one there.
public struct LogAnchor: Sendable, Hashable, Codable {
    public var offset: Int64
    /// Milliseconds since 1970; nil when the message has no time.
    public var timestamp: Int64?
    /// FNV-1a over key and value, 64 bits, in hexadecimal.
    public var digest: String

    /// - Parameter bytes: those of the message's chunk.
    public init(_ message: MessageChunk.Message, of bytes: Span<UInt8>) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func take(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for part in [message.key, message.value] {
            // A part that is empty is not one that is absent, and where one ends counts.
            take(part == nil ? 0 : 1)
            for index in part ?? 0..<0 { take(bytes[index]) }
        }
        offset = message.offset
        timestamp = message.timestamp
        digest = String(hash, radix: 16)
    }
}
