/// What stands for the message of a record that came in none. The plan sees to it that no field asks for a part of it.
struct NoMessage: MessageParts {
    var partition: Int64? { nil }
    var offset: Int64? { nil }
    var timestamp: Int64? { nil }

    func appendTopic(of bytes: Span<UInt8>, to output: inout [UInt8]) {}

    func appendKey(of bytes: Span<UInt8>, to output: inout [UInt8]) -> MessageKeyText { .none }

    func appendHeader(named name: [UInt8], of bytes: Span<UInt8>, to output: inout [UInt8]) -> Bool { false }
}
