import BackfillCore

/// A collection with a field of every type.
enum EveryType {
    private static let types: [(name: String, type: FieldType)] = [
        ("b", .bool), ("i8", .int8), ("i16", .int16), ("i32", .int32), ("i64", .int64), ("f", .float),
        ("d", .double), ("s", .varChar(maxLength: 12)), ("j", .json), ("g", .geometry), ("t", .timestamptz),
        ("v", .floatVector(dimension: 2)), ("h", .vector(.float16, dimension: 2)),
        ("bf", .vector(.bfloat16, dimension: 2)), ("v8", .vector(.int8, dimension: 3)),
        ("bits", .vector(.binary, dimension: 16)), ("sp", .sparseFloatVector),
        ("ab", .array(element: .bool, maxCapacity: 3)), ("ai", .array(element: .int32, maxCapacity: 3)),
        ("af", .array(element: .float, maxCapacity: 3)), ("ad", .array(element: .double, maxCapacity: 3)),
        ("as", .array(element: .varChar(maxLength: 4), maxCapacity: 3)),
    ]

    static let fields =
        [FieldSchema(name: "id", type: .int64, isPrimaryKey: true)]
        + types.map { FieldSchema(name: $0.name, type: $0.type, isNullable: true) }
}

extension Column {
    /// Ends the process unless every value is one that a server takes for its type, whatever it was read from.
    func requireSound() {
        require(isPresent.isEmpty || isPresent.count == count, "column \(field.name) says of every row what it has")
        guard layout == .bytes || layout == .packed else { return }
        for row in 0..<count where isPresent.isEmpty || isPresent[row] {
            let value = Array(bytes[byteRange(row)])
            require(isSound(value), "column \(field.name), row \(row): \(value)")
        }
    }

    private func isSound(_ value: [UInt8]) -> Bool {
        switch field.type {
        case .varChar(let maxLength): return value.count <= maxLength && String(validating: value, as: UTF8.self) != nil
        case .vector(let element, let dimension): return value.count == element.byteCount(dimension: dimension)
        case .timestamptz: return [20, 27].contains(value.count) && value.last == UInt8(ascii: "Z")
        case .geometry, .json: return !value.isEmpty && String(validating: value, as: UTF8.self) != nil
        case .sparseFloatVector:
            let indices = Swift.stride(from: 0, to: value.count - value.count % 8, by: 8).map { begin in
                (0..<4).reduce(0) { $0 | Int(value[begin + $1]) << (8 * $1) }
            }
            return value.count.isMultiple(of: 8) && zip(indices, indices.dropFirst()).allSatisfy { $0 < $1 }
        default: return true
        }
    }
}

extension DecodedChunk {
    /// Ends the process unless every record became one row, one delete, one reject or one that is skipped.
    func requireComplete(records: Int) {
        require(counts.read == records, "\(records) records, \(counts.read) read")
        require(
            operations.count + rejects.count + counts.skipped == records,
            "\(operations.count) operations, \(rejects.count) rejects, \(counts.skipped) skipped of \(records)")
        require(counts.rejected == rejects.count, "the rejects are counted")
        let rows = columns[keyColumn].count
        require(rows + deletedKeys.count == operations.count, "each operation has one row or one deleted key")
        require(lanes.map(\.count).reduce(0, +) == operations.count, "each operation has one lane")
        require(rejects.allSatisfy { !$0.reason.isEmpty }, "each reject has a reason")
        for column in columns {
            require(column.count == rows, "column \(column.field.name) has a value for each row")
            column.requireSound()
        }
    }

    /// The rows as text, to compare the ways to them; with floating point as its bits.
    var rowTexts: [String] {
        (0..<columns[keyColumn].count).map { row in columns.map { $0.text(ofRow: row) }.joined(separator: "|") }
    }

    var deletedTexts: [String] { (0..<deletedKeys.count).map { deletedKeys.text(ofRow: $0) } }
}

extension Column {
    fileprivate func text(ofRow row: Int) -> String {
        if !isPresent.isEmpty, !isPresent[row] { return "-" }
        return switch layout {
        case .integers: "\(integers[row])"
        case .floats: "\(floats[row * stride..<(row + 1) * stride].map(\.bitPattern))"
        case .doubles: "\(doubles[row].bitPattern)"
        case .packed, .bytes: "\(bytes[byteRange(row)])"
        }
    }
}
