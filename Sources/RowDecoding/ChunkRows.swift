import BackfillCore

/// What the records of a chunk become, as they are decoded one after the other.
struct ChunkRows {
    /// A row whose message has another key than the row.
    struct KeyMismatch {
        /// The message's offset, or the number of its line.
        var record: Int64
        /// What the message's key reads as; where it cannot be read, its bytes as text.
        var messageKey: String
        /// Why it cannot be read.
        var fault: RecordFault?
        var rowKey: String
    }

    /// The offset or the line's number of the record that is decoded.
    var record: Int64 = 0
    private(set) var counts = RecordCounts()
    /// The first one; only looked for in a survey, and where tombstones delete.
    private(set) var keyMismatch: KeyMismatch?

    private let plan: RecordPlan
    /// Whether the records are only looked at.
    private let surveys: Bool
    private var writer: RowWriter
    private var deletedKeys: Column
    private var keys: KeyReader
    private var operations: [RowOperation] = []
    private var lanes: [[Int32]]
    private var rejects: [Reject] = []
    /// The text of a value that cannot be read where it lies; one allocation serves the chunk.
    private var text: [UInt8] = []

    init(plan: RecordPlan, lanes: Int, surveys: Bool = false) {
        self.plan = plan
        self.surveys = surveys
        self.writer = RowWriter(plan: plan, surveys: surveys)
        self.deletedKeys = Column(field: plan.fields[plan.keyColumn])
        self.keys = KeyReader(plan: plan)
        self.lanes = [[Int32]](repeating: [], count: lanes)
    }

    var rowCount: Int { writer.rowCount }

    var survey: RecordSurvey? { writer.survey }

    var firstReject: Reject? { rejects.first }

    mutating func reserve(rows: Int) {
        writer.reserve(rows: rows)
        operations.reserveCapacity(rows)
        for lane in lanes.indices { lanes[lane].reserveCapacity(rows / lanes.count + rows / 16 + 1) }
    }

    func chunk(
        bytes: Int, absent: Int = 0, gaps: [OffsetRange] = [], anchor: LogAnchor? = nil, start: SourcePosition,
        end: SourcePosition
    ) -> DecodedChunk {
        var counts = counts
        counts.bytes = bytes
        counts.absent = absent
        return DecodedChunk(
            columns: writer.columns, keyColumn: plan.keyColumn, deletedKeys: deletedKeys, operations: operations,
            lanes: lanes, rejects: rejects, counts: counts, start: start, end: end,
            gaps: gaps, anchor: anchor)
    }

    // MARK: Records

    /// Decodes the value of a message.
    ///
    /// - Parameters:
    ///   - value: its place in `bytes`; a line feed stands behind it.
    ///   - source: what the message's other parts were read from.
    mutating func addValue(
        _ value: Range<Int>, in bytes: Span<UInt8>, message: some MessageParts, of source: Span<UInt8>
    ) throws(RecordFault) {
        guard !value.isEmpty else { throw .misfit("the message's value is empty") }
        guard let framing = RegistryFraming(bytes, in: value) else {
            return try addText(value, in: bytes, message: message, of: source)
        }
        let text = value.dropFirst(RegistryFraming.length)
        do throws(RecordFault) {
            try addText(text, in: bytes, message: message, of: source)
        } catch {
            throw JSONScanner.isJSON(text, in: bytes) ? error : framing.withoutJSON(in: "value")
        }
    }

    private mutating func addText(
        _ place: Range<Int>, in bytes: Span<UInt8>, message: some MessageParts, of source: Span<UInt8>
    ) throws(RecordFault) {
        // The scanner takes the first line feed for the end of the text. Nearly always it is the one behind the value.
        var scanner = JSONScanner(at: place.lowerBound)
        do throws(RecordFault) {
            return try addDocument(&scanner, bytes, end: place.upperBound, message: message, of: source)
        } catch {
            guard bytes.extracting(place).contains(UInt8(ascii: "\n")) else { throw error }
        }
        try addReflowedText(place, in: bytes, message: message, of: source)
    }

    /// Decodes a value that is printed over several lines.
    private mutating func addReflowedText(
        _ place: Range<Int>, in bytes: Span<UInt8>, message: some MessageParts, of source: Span<UInt8>
    ) throws(RecordFault) {
        var text: [UInt8] = []
        swap(&text, &self.text)
        defer { swap(&text, &self.text) }
        text.removeAll(keepingCapacity: true)
        JSONScanner.append(place, of: bytes, to: &text)
        JSONScanner.endWithLineFeed(&text, from: 0)
        var scanner = JSONScanner(at: 0)
        try addDocument(&scanner, text.span, end: place.count, message: message, of: source)
    }

    /// Decodes the document at the scanner's position, up to and with the line feed that ends it.
    ///
    /// - Parameters:
    ///   - end: where the text ends if it may hold line feeds itself; nil: it ends with the first one.
    ///   - message: the message that it is the value of.
    ///   - source: what the message's other parts were read from.
    mutating func addDocument(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, end: Int? = nil, message: some MessageParts,
        of source: Span<UInt8>
    ) throws(RecordFault) {
        switch try writer.write(&scanner, bytes, end: end, message: message, of: source) {
        case .row where surveys:
            counts.read += 1
            if plan.tombstones == .delete { compareKeys(message, of: source) }
        case .row:
            add(
                RowOperation(
                    keyHash: writer.keyHashOfLastRow, row: writer.rowCount - 1, size: writer.sizeOfLastRow,
                    isDelete: false, record: record))
        case .misfit:
            counts.read += 1
        case .tombstone:
            // Only a message has a key that says which row the null deletes.
            guard plan.form != .record else { throw RowWriter.notAnObject("null") }
            try addTombstone(message, of: source)
        }
    }

    mutating func addTombstone(_ message: some MessageParts, of source: Span<UInt8>) throws(RecordFault) {
        switch plan.tombstones {
        case .skip:
            counts.read += 1
            counts.skipped += 1
        case .reject:
            throw .misfit("the message is a tombstone, and the job rejects those")
        case .delete:
            let row = deletedKeys.count
            do throws(RecordFault) {
                let kind = plan.kinds[plan.keyColumn]
                guard try keys.append(message, of: source, to: &deletedKeys, kind: kind) else {
                    throw .misfit("the message is a tombstone without a key, so nothing says what to delete")
                }
            } catch {
                deletedKeys.truncate(to: row)
                throw error
            }
            add(
                RowOperation(
                    keyHash: deletedKeys.keyHash(ofRow: row), row: row, size: deletedKeys.size(ofRow: row),
                    isDelete: true, record: record))
        }
    }

    mutating func add(_ reject: Reject) {
        counts.read += 1
        counts.rejected += 1
        rejects.append(reject)
    }

    private mutating func add(_ operation: RowOperation) {
        lanes[Int(operation.keyHash % UInt64(lanes.count))].append(Int32(operations.count))
        operations.append(operation)
        counts.read += 1
    }

    // MARK: Comparing keys

    /// Compares the last row's primary key with what its message's key would delete.
    private mutating func compareKeys(_ message: some MessageParts, of source: Span<UInt8>) {
        guard keyMismatch == nil else { return }
        switch plan.kinds[plan.keyColumn] {
        case .integer, .varChar: break
        // Of a draft, whose key is of no type that a key can have.
        default: return
        }
        let rowKeys = writer.columns[plan.keyColumn]
        let row = writer.rowCount - 1
        var messageKeys = Column(field: rowKeys.field)
        let fault: RecordFault?
        do throws(RecordFault) {
            guard try keys.append(message, of: source, to: &messageKeys, kind: plan.kinds[plan.keyColumn]),
                !messageKeys.hasSameKey(ofRow: 0, as: rowKeys, row: row)
            else { return }
            fault = nil
        } catch {
            fault = error
        }
        keyMismatch = KeyMismatch(
            record: record, messageKey: fault == nil ? messageKeys.keyText(ofRow: 0) : keys.lastText, fault: fault,
            rowKey: rowKeys.keyText(ofRow: row))
    }
}
