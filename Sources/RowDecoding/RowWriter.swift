import BackfillCore

/// Appends records to columns, one row each; a record that does not fit leaves no trace.
struct RowWriter {
    private let plan: RecordPlan
    private(set) var columns: [Column]
    /// Complete rows in `columns`.
    private(set) var rowCount = 0
    /// For each column the number of the record that filled it last, so that a second value is noticed and a missing
    /// one found without clearing anything in between.
    private var filledBy: [Int]
    private var record = 0
    /// Where the search for a member's column begins: records of one source mostly list their members alike.
    private var nextMember = 0
    /// Whether the row's `$meta` has no member yet.
    private var metaIsEmpty = true
    private var scratch: [UInt8] = []

    init(plan: RecordPlan) {
        self.plan = plan
        self.columns = plan.fields.map(Column.init(field:))
        self.filledBy = [Int](repeating: 0, count: plan.fields.count)
    }

    mutating func reserve(rows: Int) {
        for index in columns.indices { columns[index].reserve(rows: rows) }
    }

    /// Bytes of the last row, about as many as it takes in a request.
    var sizeOfLastRow: Int {
        var size = 0
        for index in columns.indices { size += columns[index].size(ofRow: rowCount - 1) }
        return size
    }

    /// Hash of the last row's primary key.
    var keyHashOfLastRow: UInt64 { columns[plan.keyColumn].keyHash(ofRow: rowCount - 1) }

    /// Reads one record, up to and with the line feed that ends the text.
    ///
    /// - Parameters:
    ///   - message: the message that the record came in, and the line that it lies in.
    mutating func write(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, message: MessageEnvelope?, line: Span<UInt8>
    ) throws(RecordFault) {
        record += 1
        do throws(RecordFault) {
            try readDocument(&scanner, bytes, depth: 0)
            try scanner.expectEnd(bytes)
            if let message { try writeMetadata(message, line) }
            try completeRow()
            rowCount += 1
        } catch {
            for index in columns.indices { columns[index].truncate(to: rowCount) }
            throw error
        }
    }

    // MARK: Finding the record and its members

    private mutating func readDocument(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, depth: Int
    ) throws(RecordFault) {
        scanner.skipWhiteSpace(bytes)
        guard scanner.take(UInt8(ascii: "{"), bytes) else {
            throw .misfit("the record is \(scanner.kindOfValue(bytes)) and not an object")
        }
        guard depth < plan.path.count else { return try readRecord(&scanner, bytes) }
        var isFound = false
        if !scanner.take(UInt8(ascii: "}"), bytes) {
            repeat {
                let name = try scanner.scanMemberName(bytes)
                if JSONScanner.isEqual(name, plan.path[depth], bytes) {
                    if isFound {
                        let text = String(decoding: plan.path[depth], as: UTF8.self)
                        throw .misfit("the document has two values for `\(text)` (record.path)")
                    }
                    isFound = true
                    try readDocument(&scanner, bytes, depth: depth + 1)
                } else {
                    try scanner.skipValue(bytes)
                }
            } while try scanner.hasMore(until: UInt8(ascii: "}"), bytes)
        }
        guard isFound else {
            throw .misfit("the document has no `\(String(decoding: plan.path[depth], as: UTF8.self))` (record.path)")
        }
    }

    private mutating func readRecord(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(RecordFault) {
        metaIsEmpty = true
        if let column = plan.dynamicColumn { columns[column].bytes.append(UInt8(ascii: "{")) }
        if !scanner.take(UInt8(ascii: "}"), bytes) {
            repeat {
                scanner.skipWhiteSpace(bytes)
                let begin = scanner.position
                let name = try scanner.scanMemberName(bytes)
                if let column = column(named: name, bytes) {
                    try readField(column, &scanner, bytes)
                } else {
                    try readUnknown(name, from: begin, &scanner, bytes)
                }
            } while try scanner.hasMore(until: UInt8(ascii: "}"), bytes)
        }
        if let column = plan.dynamicColumn {
            columns[column].bytes.append(UInt8(ascii: "}"))
            columns[column].closeRow()
            filledBy[column] = record
        }
    }

    private mutating func column(named name: JSONScanner.RawString, _ bytes: Span<UInt8>) -> Int? {
        guard !name.hasEscapes else {
            scratch.removeAll(keepingCapacity: true)
            JSONScanner.append(name, of: bytes, to: &scratch)
            return plan.members.first { $0.name == scratch }?.column
        }
        for offset in 0..<plan.members.count {
            var index = nextMember + offset
            if index >= plan.members.count { index -= plan.members.count }
            if bytes.equals(name.range, plan.members[index].name) {
                nextMember = index + 1 == plan.members.count ? 0 : index + 1
                return plan.members[index].column
            }
        }
        return nil
    }

    private mutating func readUnknown(
        _ name: JSONScanner.RawString, from begin: Int, _ scanner: inout JSONScanner, _ bytes: Span<UInt8>
    ) throws(RecordFault) {
        try scanner.skipValue(bytes)
        if plan.dropsUnknown { return }
        scratch.removeAll(keepingCapacity: true)
        JSONScanner.append(name, of: bytes, to: &scratch)
        if plan.dropped.contains(scratch) { return }
        guard let column = plan.dynamicColumn, !plan.reserved.contains(scratch) else {
            let text = String(decoding: scratch, as: UTF8.self)
            throw RecordFault(
                kind: .unknownMember(text),
                reason:
                    "member `\(text)` has no field in the collection: map it in record.fields or name it in record.drop"
            )
        }
        if !metaIsEmpty { columns[column].bytes.append(UInt8(ascii: ",")) }
        metaIsEmpty = false
        JSONScanner.append(begin..<scanner.position, of: bytes, to: &columns[column].bytes)
    }

    // MARK: Values

    private mutating func readField(
        _ column: Int, _ scanner: inout JSONScanner, _ bytes: Span<UInt8>
    ) throws(RecordFault) {
        do throws(RecordFault) {
            try claim(column)
            if try scanner.takeNull(bytes) {
                try writeAbsent(column)
            } else if let kind = plan.kinds[column] {
                try Self.readValue(kind, into: &columns[column], &scanner, bytes)
            }
        } catch {
            throw error.inField(columns[column].field.name)
        }
    }

    private mutating func claim(_ column: Int) throws(RecordFault) {
        guard filledBy[column] != record else { throw .misfit("the record has two values for it") }
        filledBy[column] = record
    }

    private mutating func writeAbsent(_ column: Int) throws(RecordFault) {
        guard columns[column].field.isOptional else {
            throw .misfit("null, and the field is not nullable")
        }
        columns[column].appendAbsent()
    }

    private static func readValue(
        _ kind: RecordPlan.ColumnKind, into column: inout Column, _ scanner: inout JSONScanner, _ bytes: Span<UInt8>
    ) throws(RecordFault) {
        switch kind {
        case .bool:
            column.append(try scanner.scanBool(bytes) ? 1 : 0 as Int64)
        case .integer(let range):
            column.append(try scanner.scanInteger(bytes, in: range))
        case .float:
            column.floats.append(try scanner.scanFloat(bytes))
            column.closeRow()
        case .double:
            column.append(try scanner.scanDouble(bytes))
        case .varChar(let maxLength):
            try scanner.appendText(bytes, maxLength: maxLength, to: &column.bytes)
            column.closeRow()
        case .json:
            let begin = scanner.position
            try scanner.skipValue(bytes)
            JSONScanner.append(begin..<scanner.position, of: bytes, to: &column.bytes)
            column.closeRow()
        case .array(let element, let maxCapacity):
            try scanner.appendArray(bytes, of: element, maxCapacity: maxCapacity, to: &column.bytes)
            column.closeRow()
        case .floatVector(let dimension):
            try scanner.appendVector(bytes, dimension: dimension, to: &column.floats)
            column.closeRow()
        }
    }

    private mutating func writeMetadata(_ message: MessageEnvelope, _ line: Span<UInt8>) throws(RecordFault) {
        for entry in plan.metadata {
            do throws(RecordFault) {
                try claim(entry.column)
                switch entry.source {
                case .member: break
                case .partition: try writeNumber(message.partition, to: entry.column)
                case .offset: try writeNumber(message.offset, to: entry.column)
                case .timestamp: try writeNumber(message.timestamp, to: entry.column)
                case .topic:
                    try writeText(message.topic, to: entry.column, line)
                case .header(let name):
                    try writeText(try message.header(name, line), to: entry.column, line)
                case .key:
                    if try !columns[entry.column].appendKey(message.key, line, kind: plan.kinds[entry.column]) {
                        try writeAbsent(entry.column)
                    }
                }
            } catch {
                throw error.inField(columns[entry.column].field.name)
            }
        }
    }

    private mutating func writeNumber(_ number: Int64?, to column: Int) throws(RecordFault) {
        guard let number else { return try writeAbsent(column) }
        columns[column].append(number)
    }

    private mutating func writeText(
        _ text: JSONScanner.RawString?, to column: Int, _ line: Span<UInt8>
    ) throws(RecordFault) {
        guard let text else { return try writeAbsent(column) }
        guard case .varChar(let maxLength)? = plan.kinds[column] else { return }
        try JSONScanner.append(text, of: line, maxLength: maxLength, to: &columns[column].bytes)
        columns[column].closeRow()
    }

    private mutating func completeRow() throws(RecordFault) {
        for index in columns.indices where filledBy[index] != record {
            guard columns[index].field.isOptional else {
                throw RecordFault.misfit("the record has no value for it").inField(columns[index].field.name)
            }
            columns[index].appendAbsent()
        }
    }
}
