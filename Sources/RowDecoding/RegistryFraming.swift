/// What the serializers of a schema registry put in front of a text: a zero byte and the schema's number, most
/// significant byte first ("wire format" in Confluent's documentation of its registry).
///
/// No JSON text begins with a zero byte, so the two are never taken for one another.
struct RegistryFraming {
    static let length = 5

    private let schema: UInt32

    /// nil when the bytes at `range` do not begin with a framing.
    init?(_ bytes: Span<UInt8>, in range: Range<Int>) {
        guard range.count >= Self.length, bytes[range.lowerBound] == 0 else { return nil }
        var schema: UInt32 = 0
        for offset in 1..<Self.length { schema = schema << 8 | UInt32(bytes[range.lowerBound + offset]) }
        self.schema = schema
    }

    /// What is wrong when no JSON follows.
    ///
    /// - Parameter subject: `value` or `message's key`.
    func withoutJSON(in subject: String) -> RecordFault {
        .misfit(
            "the \(subject) has the framing of a schema registry (schema id \(schema)), and what follows is not JSON: "
                + "this program reads JSON, not Avro or Protobuf")
    }
}
