public import BackfillCore

/// Turns chunks of lines into chunks of rows. A value: chunks may be decoded at the same time.
public struct ChunkDecoder: Sendable {
    private var plan: RecordPlan
    private let lanes: Int
    private let unit: Int
    /// What stands for the topic of a reject that came in no message, for each file of the unit.
    private let fileNames: [String]

    public init(plan: RecordPlan, lanes: Int, unit: Int, fileNames: [String]) {
        self.plan = plan
        self.lanes = lanes
        self.unit = unit
        self.fileNames = fileNames
    }

    public func decode(_ chunk: LineChunk) -> DecodedChunk {
        decode(chunk) { _ in }
    }

    /// The names of members that have no field, among the chunk's first records, in the order in which they are found.
    public func unknownMembers(in chunk: LineChunk, records: Int) -> [String] {
        var names: [String] = []
        var decoder = self
        // A record is given up at its first unknown member: those behind it show once that one is passed over.
        while true {
            var found: [String] = []
            _ = decoder.decode(chunk, limit: records) { fault in
                if case .unknownMember(let name) = fault.kind, !found.contains(name) { found.append(name) }
            }
            guard !found.isEmpty else { return names }
            names += found
            decoder.plan.dropped.formUnion(found.map { Array($0.utf8) })
        }
    }

    private func decode(
        _ chunk: LineChunk, limit: Int = .max, onFault: (RecordFault) -> Void
    ) -> DecodedChunk {
        var state = State(plan: plan, lanes: lanes)
        // The text of a payload, away from its line; one allocation serves the chunk.
        var payload: [UInt8] = []
        let bytes = chunk.bytes.span
        var position = 0
        var line = chunk.start.line
        while position < bytes.count, state.counts.read < limit {
            let begin = position
            let rows = state.writer.rowCount
            do throws(RecordFault) {
                try decodeLine(bytes, &position, &state, &payload)
            } catch {
                position = Self.end(ofLineAt: begin, bytes)
                state.counts.read += 1
                state.counts.rejected += 1
                state.rejects.append(reject(begin..<position, bytes, file: chunk.start.file, line: line, error))
                onFault(error)
            }
            line += 1
            // Only a row tells how many fit: blank lines, tombstones and rejects may be far shorter than a vector.
            if rows == 0, state.writer.rowCount == 1 {
                state.reserve(rows: (bytes.count - position) / (position - begin) + 1)
            }
        }
        state.counts.bytes = bytes.count
        return DecodedChunk(
            columns: state.writer.columns, keyColumn: plan.keyColumn, deletedKeys: state.deletedKeys,
            operations: state.operations, lanes: state.lanes, rejects: state.rejects, counts: state.counts,
            end: chunk.end)
    }

    private struct State {
        var writer: RowWriter
        var deletedKeys: Column
        var operations: [RowOperation] = []
        var lanes: [[Int32]]
        var rejects: [Reject] = []
        var counts = RecordCounts()

        init(plan: RecordPlan, lanes: Int) {
            self.writer = RowWriter(plan: plan)
            self.deletedKeys = Column(field: plan.fields[plan.keyColumn])
            self.lanes = [[Int32]](repeating: [], count: lanes)
        }

        mutating func reserve(rows: Int) {
            writer.reserve(rows: rows)
            operations.reserveCapacity(rows)
            for lane in lanes.indices { lanes[lane].reserveCapacity(rows / lanes.count + rows / 16 + 1) }
        }

        mutating func add(_ operation: RowOperation) {
            lanes[Int(operation.keyHash % UInt64(lanes.count))].append(Int32(operations.count))
            operations.append(operation)
            counts.read += 1
        }

        mutating func addRow() {
            add(
                RowOperation(
                    keyHash: writer.keyHashOfLastRow, row: writer.rowCount - 1, size: writer.sizeOfLastRow,
                    isDelete: false))
        }

        mutating func addDelete() {
            let row = deletedKeys.count - 1
            add(
                RowOperation(
                    keyHash: deletedKeys.keyHash(ofRow: row), row: row, size: deletedKeys.size(ofRow: row),
                    isDelete: true))
        }
    }

    /// Reads one line and leaves `position` behind its line feed.
    private func decodeLine(
        _ bytes: Span<UInt8>, _ position: inout Int, _ state: inout State, _ payload: inout [UInt8]
    ) throws(RecordFault) {
        var scanner = JSONScanner(at: position)
        if scanner.take(UInt8(ascii: "\n"), bytes) {
            position = scanner.position
            return
        }
        guard plan.envelope == .kcat else {
            try state.writer.write(&scanner, bytes, message: nil, line: bytes)
            state.addRow()
            position = scanner.position
            return
        }
        let message = try MessageEnvelope(&scanner, bytes)
        position = scanner.position
        switch message.payload {
        case .missing, .null:
            try decodeTombstone(message, bytes, &state)
        case .inline(let place):
            // The value is followed by the rest of the line and not by a line feed, hence the copy.
            payload.removeAll(keepingCapacity: true)
            JSONScanner.append(place, of: bytes, to: &payload)
            try decodePayload(&payload, message, bytes, &state)
        case .text(let text):
            payload.removeAll(keepingCapacity: true)
            JSONScanner.append(text, of: bytes, to: &payload)
            // A line feed ends a text for the scanner; between tokens any other white space will do as well, and
            // inside a string both are equally wrong.
            for index in payload.indices where payload[index] == UInt8(ascii: "\n") {
                payload[index] = UInt8(ascii: "\r")
            }
            try decodePayload(&payload, message, bytes, &state)
        }
    }

    private func decodePayload(
        _ payload: inout [UInt8], _ message: MessageEnvelope, _ line: Span<UInt8>, _ state: inout State
    ) throws(RecordFault) {
        payload.append(UInt8(ascii: "\n"))
        var scanner = JSONScanner(at: 0)
        try state.writer.write(&scanner, payload.span, message: message, line: line)
        state.addRow()
    }

    private func decodeTombstone(
        _ message: MessageEnvelope, _ line: Span<UInt8>, _ state: inout State
    ) throws(RecordFault) {
        switch plan.tombstones {
        case .skip:
            state.counts.read += 1
            state.counts.skipped += 1
        case .reject:
            throw .misfit("the message is a tombstone, and the job rejects those")
        case .delete:
            let rows = state.deletedKeys.count
            do throws(RecordFault) {
                guard try state.deletedKeys.appendKey(message.key, line, kind: plan.kinds[plan.keyColumn]) else {
                    throw .misfit("the message is a tombstone without a key, so nothing says what to delete")
                }
            } catch {
                state.deletedKeys.truncate(to: rows)
                throw error
            }
            state.addDelete()
        }
    }

    private static func end(ofLineAt begin: Int, _ bytes: Span<UInt8>) -> Int {
        var end = begin
        while bytes[end] != UInt8(ascii: "\n") { end += 1 }
        return end + 1
    }

    private func reject(
        _ range: Range<Int>, _ bytes: Span<UInt8>, file: Int, line: Int, _ fault: RecordFault
    ) -> Reject {
        var text: [UInt8] = []
        JSONScanner.append(range.lowerBound..<range.upperBound - 1, of: bytes, to: &text)
        var reject = Reject(
            unit: unit, file: file, line: line, topic: fileNames[file], partition: 0, offset: line,
            payload: text, reason: fault.reason)
        guard plan.envelope == .kcat else { return reject }
        var scanner = JSONScanner(at: range.lowerBound)
        do throws(RecordFault) {
            let message = try MessageEnvelope(&scanner, bytes)
            if let topic = message.topic { reject.topic = Self.text(topic, bytes) }
            reject.partition = Int(message.partition ?? 0)
            reject.offset = message.offset.map(Int.init) ?? line
            reject.timestamp = message.timestamp.map(Int.init)
            switch message.key {
            case .missing, .null: reject.key = nil
            case .text(let key): reject.key = Self.text(key, bytes)
            case .inline(let place): reject.key = Self.text(.init(range: place, hasEscapes: false), bytes)
            }
            switch message.payload {
            case .missing, .null: reject.payload = nil
            case .text(let payload): reject.payload = Array(Self.text(payload, bytes).utf8)
            case .inline(let place):
                reject.payload = Array(Self.text(.init(range: place, hasEscapes: false), bytes).utf8)
            }
        } catch {
            reject.reason = "the line is not a message of kcat: \(error.reason)"
        }
        return reject
    }

    private static func text(_ string: JSONScanner.RawString, _ bytes: Span<UInt8>) -> String {
        var resolved: [UInt8] = []
        JSONScanner.append(string, of: bytes, to: &resolved)
        return String(decoding: resolved, as: UTF8.self)
    }
}

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
