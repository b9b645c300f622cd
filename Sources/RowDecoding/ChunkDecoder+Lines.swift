import BackfillCore

extension ChunkDecoder {
    func decode(_ chunk: LineChunk, limit: Int, into rows: inout ChunkRows) {
        precondition(plan.form != .message, "A plan for messages was given lines.")
        // The text of a payload, away from its line; one allocation serves the chunk.
        var payload: [UInt8] = []
        let bytes = chunk.bytes.span
        var position = 0
        var place = chunk.start
        while position < bytes.count, rows.counts.read < limit {
            let begin = position
            let rowsBefore = rows.rowCount
            rows.record = Int64(place.line)
            do throws(RecordFault) {
                try decodeLine(bytes, &position, &payload, into: &rows)
            } catch {
                position = Self.end(ofLineAt: begin, bytes)
                rows.add(reject(begin..<position - 1, bytes, at: place, error))
            }
            place.line += 1
            // Only a row tells how many fit: blank lines, tombstones and rejects may be far shorter than a vector.
            if rowsBefore == 0, rows.rowCount == 1 {
                rows.reserve(rows: (bytes.count - position) / (position - begin) + 1)
            }
        }
    }

    /// Reads one line and leaves `position` behind its line feed.
    private func decodeLine(
        _ bytes: Span<UInt8>, _ position: inout Int, _ payload: inout [UInt8], into rows: inout ChunkRows
    ) throws(RecordFault) {
        var scanner = JSONScanner(at: position)
        if scanner.take(UInt8(ascii: "\n"), bytes) {
            position = scanner.position
            return
        }
        guard plan.form == .kcat else {
            try rows.addDocument(&scanner, bytes, message: NoMessage(), of: bytes)
            position = scanner.position
            return
        }
        let message = try MessageEnvelope(&scanner, bytes)
        position = scanner.position
        payload.removeAll(keepingCapacity: true)
        guard try message.appendPayload(of: bytes, to: &payload) else {
            return try rows.addTombstone(message, of: bytes)
        }
        let value = 0..<payload.count
        payload.append(UInt8(ascii: "\n"))
        try rows.addValue(value, in: payload.span, message: message, of: bytes)
    }

    func rejects(of chunk: LineChunk, reasons: [Int64: String]) -> [Reject] {
        let bytes = chunk.bytes.span
        var rejects: [Reject] = []
        var position = 0
        var place = chunk.start
        while position < bytes.count {
            let end = Self.end(ofLineAt: position, bytes)
            if let reason = reasons[Int64(place.line)] {
                rejects.append(reject(position..<end - 1, bytes, at: place, .misfit(reason)))
            }
            position = end
            place.line += 1
        }
        return rejects
    }

    private static func end(ofLineAt begin: Int, _ bytes: Span<UInt8>) -> Int {
        var end = begin
        while bytes[end] != UInt8(ascii: "\n") { end += 1 }
        return end + 1
    }

    /// - Parameters:
    ///   - line: its place in `bytes`, without its line feed.
    ///   - place: the line's file and number, and the frame in which the chunk begins. Where a line lies in the frames
    ///     of its file is not known here, and not needed to find it.
    private func reject(
        _ line: Range<Int>, _ bytes: Span<UInt8>, at place: DumpPosition, _ fault: RecordFault
    ) -> Reject {
        var reject = Reject(
            unit: unit, position: .line(place), topic: fileNames[place.file], partition: 0, offset: Int64(place.line),
            payload: JSONScanner.copy(line, of: bytes), reason: fault.reason)
        guard plan.form == .kcat else { return reject }
        var scanner = JSONScanner(at: line.lowerBound)
        do throws(RecordFault) {
            try reject.take(try MessageEnvelope(&scanner, bytes), of: bytes)
        } catch {
            reject.reason = "the line is not a message of kcat: \(error.reason)"
        }
        return reject
    }
}

extension Reject {
    /// Takes over what the message in a line has; nothing when a part of it cannot be read.
    fileprivate mutating func take(_ message: MessageEnvelope, of line: Span<UInt8>) throws(RecordFault) {
        var key: [UInt8] = []
        let hasKey = try message.appendKey(of: line, to: &key) != .none
        var payload: [UInt8] = []
        let hasPayload = try message.appendPayload(of: line, to: &payload)
        var topic: [UInt8] = []
        message.appendTopic(of: line, to: &topic)
        do throws(RecordFault) {
            headers = try message.headers(of: line)
        } catch {
            // The record was rejected for what is wrong with it; headers in no shape that kcat prints are beside that.
            headers = []
        }
        self.topic = String(decoding: topic, as: UTF8.self)
        self.partition = Int(message.partition ?? 0)
        self.offset = message.offset ?? offset
        self.timestamp = message.timestamp
        self.key = hasKey ? key : nil
        self.payload = hasPayload ? payload : nil
    }
}
