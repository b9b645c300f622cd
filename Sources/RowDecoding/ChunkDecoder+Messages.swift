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
                rows.add(reject(message, of: chunk, error.reason))
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

    func rejects(of chunk: MessageChunk, reasons: [Int64: String]) -> [Reject] {
        var message = NativeMessage(chunk)
        return chunk.messages.compactMap { next in
            message.parts = next
            return reasons[next.offset].map { reject(message, of: chunk, $0) }
        }
    }

    private func reject(_ message: NativeMessage, of chunk: MessageChunk, _ reason: String) -> Reject {
        let bytes = chunk.bytes.span
        let parts = message.parts
        return Reject(
            unit: unit, position: .offset(parts.offset), topic: chunk.topic, partition: Int(chunk.partition),
            offset: parts.offset, timestamp: parts.timestamp, headers: message.headers(of: bytes),
            key: parts.key.map { JSONScanner.copy($0, of: bytes) },
            payload: parts.value.map { JSONScanner.copy($0, of: bytes) }, reason: reason)
    }
}
