import BackfillCore

extension ChunkDecoder {
    func decode(_ chunk: MessageChunk, limit: Int, into rows: inout ChunkRows) {
        precondition(plan.form == .message, "A plan for lines was given messages.")
        let bytes = chunk.bytes.span
        var message = NativeMessage(chunk)
        for (index, next) in chunk.messages.prefix(limit).enumerated() {
            message.parts = next
            let rowsBefore = rows.rowCount
            rows.record = next.offset
            do throws(RecordFault) {
                if let value = next.value {
                    try rows.addValue(value, in: bytes, message: message, of: bytes)
                } else {
                    try rows.addTombstone(message, of: bytes)
                }
            } catch {
                rows.add(
                    Reject(
                        unit: unit, position: .offset(next.offset), topic: chunk.topic,
                        partition: Int(chunk.partition), offset: next.offset, timestamp: next.timestamp,
                        headers: message.headers(of: bytes),
                        key: next.key.map { JSONScanner.copy($0, of: bytes) },
                        payload: next.value.map { JSONScanner.copy($0, of: bytes) }, reason: error.reason))
            }
            if let value = next.value {
                // Looked at last, when the byte is at hand anyway.
                precondition(bytes[value.upperBound] == UInt8(ascii: "\n"), "No line feed ends a message's value.")
            }
            // Only a row tells how many fit: tombstones and rejects may be far shorter than a vector.
            if rowsBefore == 0, rows.rowCount == 1, let value = next.value {
                let fitting = (bytes.count - value.upperBound) / value.count
                rows.reserve(rows: min(fitting + 1, chunk.messages.count - index))
            }
        }
    }
}
