/// The object with the members `schema` and `payload` that Kafka Connect's JSON converter makes of every key and value
/// unless `schemas.enable` is false.
struct ConnectEnvelope {
    fileprivate static let schema = Array("schema".utf8)
    fileprivate static let payload = Array("payload".utf8)

    /// Where the payload begins.
    var payload: Int
    /// Behind the envelope's closing brace.
    var end: Int

    /// Whether the envelope has a member of this name.
    static func hasMember(_ name: [UInt8]) -> Bool { name == schema || name == payload }
}

extension JSONScanner {
    /// The envelope that begins with the brace that was just taken; nil when the object has other members. The scanner
    /// stays where it is.
    @inline(__always)
    func connectEnvelope(_ bytes: Span<UInt8>) throws(RecordFault) -> ConnectEnvelope? {
        var ahead = self
        ahead.skipWhiteSpace(bytes)
        guard bytes[ahead.position] == UInt8(ascii: "\"") else { return nil }
        // The first letter already tells most records from an envelope, so that hardly any is read twice. No text ends
        // with a quotation mark, so there is a byte behind it.
        switch bytes[ahead.position + 1] {
        case UInt8(ascii: "s"), UInt8(ascii: "p"), UInt8(ascii: "\\"): return try ahead.readConnectEnvelope(bytes)
        default: return nil
        }
    }

    @inline(never)
    private mutating func readConnectEnvelope(_ bytes: Span<UInt8>) throws(RecordFault) -> ConnectEnvelope? {
        var payload: Int?
        var hasSchema = false
        repeat {
            let name = try scanMemberName(bytes)
            if payload == nil, Self.isEqual(name, ConnectEnvelope.payload, bytes) {
                payload = position
            } else if !hasSchema, Self.isEqual(name, ConnectEnvelope.schema, bytes) {
                hasSchema = true
            } else {
                return nil
            }
            try skipValue(bytes)
        } while try hasMore(until: UInt8(ascii: "}"), bytes)
        guard hasSchema, let payload else { return nil }
        return ConnectEnvelope(payload: payload, end: position)
    }
}
