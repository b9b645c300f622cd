import GRPCCore
import SwiftProtobuf

/// Sends bytes that are a message already.
struct EncodedMessageSerializer: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes {
        Bytes(message)
    }
}

/// Sends a generated message.
struct ProtobufSerializer<Message: SwiftProtobuf.Message>: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: Message) throws -> Bytes {
        Bytes(try message.serializedBytes() as [UInt8])
    }
}

/// Receives a generated message.
struct ProtobufDeserializer<Message: SwiftProtobuf.Message>: MessageDeserializer {
    func deserialize<Bytes: GRPCContiguousBytes>(_ serializedMessageBytes: Bytes) throws -> Message {
        // Unsafe only in that gRPC hands out its buffer by pointer; the message copies what it keeps.
        try unsafe serializedMessageBytes.withUnsafeBytes { try unsafe Message(serializedBytes: Array($0)) }
    }
}
