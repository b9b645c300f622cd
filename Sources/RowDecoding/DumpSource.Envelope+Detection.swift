public import BackfillCore

extension DumpSource.Envelope {
    /// What the first line of a dump that is not blank shows the dump to hold; nil when the chunk has no such line.
    public static func detected(in chunk: LineChunk) -> DumpSource.Envelope? {
        let bytes = chunk.bytes.span
        var position = 0
        while position < bytes.count {
            var scanner = JSONScanner(at: position)
            if scanner.take(UInt8(ascii: "\n"), bytes) {
                position = scanner.position
                continue
            }
            do throws(RecordFault) {
                let message = try MessageEnvelope(&scanner, bytes)
                // A record may well have a topic and a payload of its own; kcat always prints these, too.
                return message.partition != nil && message.offset != nil ? .kcat : DumpSource.Envelope.none
            } catch {
                return DumpSource.Envelope.none
            }
        }
        return nil
    }
}
