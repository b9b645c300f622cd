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
    /// The members that the row's `$meta` has so far.
    private var dynamicMembers = MemberNames()
    private var keys: KeyReader
    private var scratch: [UInt8] = []

    /// Kept where the records are looked at before anything is written.
    private(set) var survey: RecordSurvey?

    init(plan: RecordPlan, surveys: Bool = false) {
        self.plan = plan
        self.survey = surveys ? RecordSurvey(columns: plan.fields.count) : nil
        self.columns = plan.fields.map(Column.init(field:))
        self.filledBy = [Int](repeating: 0, count: plan.fields.count)
        self.keys = KeyReader(plan: plan)
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

    /// What a document turned out to be.
    enum Outcome {
        /// A record, which is a row now.
        case row
        /// A record that does not fit; what is wrong with it stands in the survey.
        case misfit
        /// No record: null stands in its place.
        case tombstone
    }

    /// Reads one document, up to and with the line feed that ends the text.
    ///
    /// - Parameters:
    ///   - end: where the text ends if it may hold line feeds itself; nil: it ends with the first one.
    ///   - message: the message that the document is the value of.
    ///   - source: what the message was read from.
    mutating func write(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, end: Int?, message: some MessageParts,
        of source: Span<UInt8>
    ) throws(RecordFault) -> Outcome {
        record += 1
        do throws(RecordFault) {
            let hasRecord = try readDocument(&scanner, bytes, depth: 0)
            try scanner.expectEnd(bytes, at: end)
            guard hasRecord else { return .tombstone }
            try writeMetadata(message, source)
            try completeRow()
            if survey?.endRecord() == false {
                discardRow()
                return .misfit
            }
            rowCount += 1
            return .row
        } catch {
            discardRow()
            survey?.dropRecord()
            throw error
        }
    }

    private mutating func discardRow() {
        for index in columns.indices { columns[index].truncate(to: rowCount) }
    }

    // MARK: Finding the record and its members

    /// - Returns: whether there is a record; false when null stands in its place.
    private mutating func readDocument(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, depth: Int
    ) throws(RecordFault) -> Bool {
        guard scanner.take(UInt8(ascii: "{"), bytes) else {
            if depth > 0, depth == plan.path.count, try scanner.takeNull(bytes) { return false }
            throw Self.notAnObject(scanner.kindOfValue(bytes))
        }
        guard depth < plan.path.count else {
            if plan.mayBeInConnectEnvelope, let envelope = try scanner.connectEnvelope(bytes) {
                return try readPayload(of: envelope, &scanner, bytes)
            }
            try readRecord(&scanner, bytes)
            return true
        }
        var hasRecord = false
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
                    hasRecord = try readDocument(&scanner, bytes, depth: depth + 1)
                } else {
                    try scanner.skipValue(bytes)
                }
            } while try scanner.hasMore(until: UInt8(ascii: "}"), bytes)
        }
        guard isFound else {
            throw .misfit("the document has no `\(String(decoding: plan.path[depth], as: UTF8.self))` (record.path)")
        }
        return hasRecord
    }

    private mutating func readPayload(
        of envelope: ConnectEnvelope, _ scanner: inout JSONScanner, _ bytes: Span<UInt8>
    ) throws(RecordFault) -> Bool {
        scanner.position = envelope.payload
        defer { scanner.position = envelope.end }
        if try scanner.takeNull(bytes) { return false }
        guard scanner.take(UInt8(ascii: "{"), bytes) else { throw Self.notAnObject(scanner.kindOfValue(bytes)) }
        try readRecord(&scanner, bytes)
        return true
    }

    static func notAnObject(_ kind: String) -> RecordFault {
        .misfit("the record is \(kind) and not an object")
    }

    private mutating func readRecord(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(RecordFault) {
        if let column = plan.dynamicColumn {
            dynamicMembers.removeAll()
            columns[column].bytes.append(UInt8(ascii: "{"))
        }
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
        let isStorable = try scanner.skipsStorableValue(bytes)
        if plan.dropsUnknown { return }
        scratch.removeAll(keepingCapacity: true)
        JSONScanner.append(name, of: bytes, to: &scratch)
        if plan.dropped.contains(scratch) { return }
        if survey != nil, plan.dynamicColumn == nil || plan.reserved.contains(scratch) {
            survey?.note(unknownMember: String(decoding: scratch, as: UTF8.self))
            return
        }
        guard let column = plan.dynamicColumn, !plan.reserved.contains(scratch) else {
            throw .misfit(
                "member `\(String(decoding: scratch, as: UTF8.self))` has no field in the collection: map it in "
                    + "record.fields or name it in record.drop")
        }
        guard isStorable else {
            let name = String(decoding: scratch, as: UTF8.self)
            throw .misfit("member `\(name)`: \(Self.hugeNumber)")
        }
        if !dynamicMembers.isEmpty { columns[column].bytes.append(UInt8(ascii: ",")) }
        guard dynamicMembers.insert(name, bytes) else {
            throw .misfit("the record has two values for member `\(String(decoding: scratch, as: UTF8.self))`")
        }
        if plan.limits.missing.contains(.exactDynamicNumbers) {
            try requireExactNumbers(from: begin, bytes)
        }
        JSONScanner.append(begin..<scanner.position, of: bytes, to: &columns[column].bytes)
    }

    /// - Parameter begin: where the member's name begins; the whole member was scanned already.
    private func requireExactNumbers(from begin: Int, _ bytes: Span<UInt8>) throws(RecordFault) {
        var member = JSONScanner(at: begin)
        _ = try member.scanMemberName(bytes)
        if let reason = try member.changeOfNumbers(bytes) {
            let name = String(decoding: scratch, as: UTF8.self)
            throw .misfit("member `\(name)`: \(reason) on the way through \(plan.limits.name)")
        }
    }

    // MARK: Values

    private static let hugeNumber = "a number in it does not fit a Double, and servers refuse such JSON"

    private mutating func readField(
        _ column: Int, _ scanner: inout JSONScanner, _ bytes: Span<UInt8>
    ) throws(RecordFault) {
        scanner.skipWhiteSpace(bytes)
        let begin = scanner.position
        do throws(RecordFault) {
            try claim(column)
            if try scanner.takeNull(bytes) {
                try writeAbsent(column)
            } else if let kind = plan.kinds[column] {
                try readValue(kind, into: column, &scanner, bytes)
            } else {
                // Of a draft, in which only the other fields are of interest.
                try scanner.skipValue(bytes)
                columns[column].closeRow()
            }
        } catch {
            try note(error, column)
            scanner.position = begin
            try scanner.skipValue(bytes)
        }
    }

    /// Keeps what is wrong with a column's value for the survey; throws it where there is none.
    private mutating func note(_ fault: RecordFault, _ column: Int) throws(RecordFault) {
        guard survey != nil, fault.kind == .misfit else { throw fault.inField(columns[column].field.name) }
        survey?.note(fault, column: column)
    }

    private mutating func claim(_ column: Int) throws(RecordFault) {
        guard filledBy[column] != record else { throw .misfit("the record has two values for it") }
        filledBy[column] = record
    }

    private mutating func writeAbsent(_ column: Int) throws(RecordFault) {
        if let fallback = plan.fallbacks[column] {
            columns[column].append(fallback)
        } else if let refusal = plan.refusalOfNull(column) {
            throw .misfit(refusal)
        } else {
            columns[column].appendAbsent()
        }
        survey?.note(absentIn: column)
    }

    private mutating func readValue(
        _ kind: RecordPlan.ColumnKind, into column: Int, _ scanner: inout JSONScanner, _ bytes: Span<UInt8>
    ) throws(RecordFault) {
        switch kind {
        case .bool:
            columns[column].append(try scanner.scanBool(bytes) ? 1 : 0 as Int64)
            return
        case .integer(let range):
            columns[column].append(try scanner.scanInteger(bytes, in: range))
            return
        case .double:
            columns[column].append(try scanner.scanDouble(bytes))
            return
        case .float:
            columns[column].floats.append(try scanner.scanFloat(bytes))
        case .vector(.float, let dimension):
            try scanner.appendVector(bytes, dimension: dimension, to: &columns[column].floats)
        case .vector(let element, let dimension):
            try scanner.appendVector(bytes, of: element, dimension: dimension, to: &columns[column].bytes)
        case .varChar(let maxLength):
            try scanner.appendText(bytes, maxLength: maxLength, to: &columns[column].bytes)
        case .json(let kinds):
            let begin = scanner.position
            let isObject = bytes[begin] == UInt8(ascii: "{")
            let isArray = bytes[begin] == UInt8(ascii: "[")
            guard kinds == .any || isObject || (isArray && kinds == .objectsAndArrays) else {
                throw .misfit(
                    "\(scanner.kindOfValue(bytes)), and \(plan.limits.name) takes "
                        + (kinds == .objects ? "objects only" : "objects and arrays only"))
            }
            guard try scanner.skipsStorableValue(bytes) else { throw .misfit(Self.hugeNumber) }
            JSONScanner.append(begin..<scanner.position, of: bytes, to: &columns[column].bytes)
        case .array(let element, let maxCapacity):
            try scanner.appendArray(bytes, of: element, maxCapacity: maxCapacity, to: &columns[column].bytes)
        case .sparseVector(let mayBeEmpty):
            try scanner.appendSparseVector(bytes, to: &columns[column].bytes)
            if !mayBeEmpty, !SparseVector.hasWeight(columns[column].bytes, from: columns[column].ends.last ?? 0) {
                throw .misfit("the vector has no value other than zero, and \(plan.limits.name) takes none such")
            }
        case .geometry(let anyKind):
            let text = try scanner.scanText(bytes)
            scratch.removeAll(keepingCapacity: true)
            JSONScanner.append(text, of: bytes, to: &scratch)
            let kind = try WellKnownText.kind(of: scratch)
            if !anyKind, kind != .plain {
                throw .misfit(
                    "the geometry is no point and no polygon of one ring, and \(plan.limits.name) takes no other")
            }
            columns[column].bytes.append(contentsOf: scratch)
        case .timestamptz:
            let text = try scanner.scanText(bytes)
            scratch.removeAll(keepingCapacity: true)
            JSONScanner.append(text, of: bytes, to: &scratch)
            try Instant(scratch).append(to: &columns[column].bytes)
        }
        columns[column].closeRow()
    }

    private mutating func writeMetadata(
        _ message: some MessageParts, _ source: Span<UInt8>
    ) throws(RecordFault) {
        for entry in plan.metadata {
            do throws(RecordFault) {
                try claim(entry.column)
                guard plan.kinds[entry.column] != nil else {
                    // Of a draft, in which only the other fields are of interest.
                    columns[entry.column].appendAbsent()
                    continue
                }
                switch entry.source {
                case .member: break
                case .partition: try writeNumber(message.partition, to: entry.column)
                case .offset: try writeNumber(message.offset, to: entry.column)
                case .timestamp: try writeNumber(message.timestamp, to: entry.column)
                case .topic:
                    let begin = columns[entry.column].bytes.count
                    message.appendTopic(of: source, to: &columns[entry.column].bytes)
                    try closeText(from: begin, entry.column, "the topic")
                case .header(let name):
                    let begin = columns[entry.column].bytes.count
                    if try message.appendHeader(named: entry.header, of: source, to: &columns[entry.column].bytes) {
                        try closeText(from: begin, entry.column, "the header `\(name)`")
                    } else {
                        try writeAbsent(entry.column)
                    }
                case .key:
                    let kind = plan.kinds[entry.column]
                    if try !keys.append(message, of: source, to: &columns[entry.column], kind: kind) {
                        try writeAbsent(entry.column)
                    }
                }
            } catch {
                try note(error, entry.column)
            }
        }
    }

    private mutating func writeNumber(_ number: Int64?, to column: Int) throws(RecordFault) {
        guard let number else { return try writeAbsent(column) }
        columns[column].append(number)
    }

    private mutating func closeText(
        from begin: Int, _ column: Int, _ subject: @autoclosure () -> String
    ) throws(RecordFault) {
        guard case .varChar(let maxLength)? = plan.kinds[column] else { return }
        try columns[column].closeText(from: begin, maxLength: maxLength, subject())
    }

    private mutating func completeRow() throws(RecordFault) {
        for index in columns.indices where filledBy[index] != record {
            if plan.kinds[index] == nil {
                // Of a draft: what is wrong with the field itself is said elsewhere.
                columns[index].appendAbsent()
            } else if plan.mayBeAbsent(index) {
                try writeAbsent(index)
            } else {
                let isOptional = plan.fields[index].isOptional
                let refusal = isOptional ? plan.refusalOfNull(index) : nil
                try note(.misfit(refusal ?? "the record has no value for it"), index)
            }
        }
    }
}
