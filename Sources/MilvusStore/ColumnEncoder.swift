import BackfillCore

/// Writes one column of a batch as a `FieldData` message.
///
/// A `FieldData` holds a `ScalarField` or a `VectorField`, which holds an array message, which holds the values: three
/// lengths that have to be known before the first value is written.
struct ColumnEncoder {
    private let column: Int
    private let rows: [RowBatch.RowReference]
    private let chunks: [DecodedChunk]
    private let field: FieldSchema
    private let type: MilvusType
    /// Of the array message's content.
    private let valuesSize: Int
    /// Array rows, encoded as `ScalarField` messages; empty for every other type.
    private let elements: [[UInt8]]

    /// Bytes of the whole message, without its own tag and length.
    let fieldDataSize: Int

    init(column: Int, rows: [RowBatch.RowReference], chunks: [DecodedChunk]) {
        self.column = column
        self.rows = rows
        self.chunks = chunks
        self.field = chunks[0].columns[column].field
        self.type = MilvusType(field.type)
        if case .array(let element, _) = field.type {
            self.elements = Self.presentRows(rows, chunks, column).map { row, values in
                ElementEncoder.scalarField(values.bytes[values.byteRange(row)], of: element)
            }
        } else {
            self.elements = []
        }
        self.valuesSize = Self.valuesSize(type, field, rows, chunks, column, elements)

        let array = ProtobufWriter.size(ofFieldWithLength: valuesSize)
        var size = 1 + ProtobufWriter.size(ofVarint: UInt64(type.number))
        size += ProtobufWriter.size(ofFieldWithLength: field.name.utf8.count)
        size += ProtobufWriter.size(ofFieldWithLength: Self.dimensionSize(field) + array)
        if field.isDynamicColumn { size += 2 }
        if field.isOptional { size += ProtobufWriter.size(ofFieldWithLength: rows.count) }
        self.fieldDataSize = size
    }

    func write(to writer: inout ProtobufWriter) {
        writer.field(1, UInt64(type.number))
        writer.field(2, field.name)
        let array = ProtobufWriter.size(ofFieldWithLength: valuesSize)
        if case .floatVector(let dimension) = field.type {
            writer.open(4, length: Self.dimensionSize(field) + array)
            writer.field(1, UInt64(dimension))
        } else {
            writer.open(3, length: array)
        }
        writer.open(type.slot, length: valuesSize)
        writeValues(to: &writer)
        if field.isDynamicColumn { writer.field(6, 1) }
        if field.isOptional {
            writer.open(7, length: rows.count)
            for row in rows { writer.append(chunks[Int(row.chunk)].columns[column].isPresent[Int(row.row)] ? 1 : 0) }
        }
    }

    private func writeValues(to writer: inout ProtobufWriter) {
        guard valuesSize > 0 else { return }
        switch type.values {
        case .fixed:
            writer.open(1, length: Self.fixedSize(field, rows, chunks, column))
            for (row, values) in Self.presentRows(rows, chunks, column) {
                switch values.layout {
                case .floats:
                    writer.append(packed: values.floats[(row * values.stride)..<((row + 1) * values.stride)])
                default: writer.append(packed: values.doubles[row...row])
                }
            }
        case .varints:
            writer.open(1, length: Self.varintSize(rows, chunks, column))
            for (row, values) in Self.presentRows(rows, chunks, column) {
                writer.varint(UInt64(bitPattern: values.integers[row]))
            }
        case .texts:
            for (row, values) in Self.presentRows(rows, chunks, column) {
                let range = values.byteRange(row)
                writer.open(1, length: range.count)
                writer.append(values.bytes[range])
            }
        case .arrays:
            for element in elements {
                writer.open(1, length: element.count)
                writer.append(element[...])
            }
            if case .array(let element, _) = field.type { writer.field(2, UInt64(MilvusType(element).number)) }
        }
    }

    // MARK: Sizes

    private static func valuesSize(
        _ type: MilvusType, _ field: FieldSchema, _ rows: [RowBatch.RowReference], _ chunks: [DecodedChunk],
        _ column: Int, _ elements: [[UInt8]]
    ) -> Int {
        switch type.values {
        case .fixed: return packedSize(fixedSize(field, rows, chunks, column))
        case .varints: return packedSize(varintSize(rows, chunks, column))
        case .texts:
            return presentRows(rows, chunks, column).reduce(0) { size, entry in
                size + ProtobufWriter.size(ofFieldWithLength: entry.1.byteRange(entry.0).count)
            }
        case .arrays:
            return elements.reduce(2) { $0 + ProtobufWriter.size(ofFieldWithLength: $1.count) }
        }
    }

    /// Bytes of a packed field with this content; one without content is left out.
    private static func packedSize(_ length: Int) -> Int {
        length == 0 ? 0 : ProtobufWriter.size(ofFieldWithLength: length)
    }

    private static func fixedSize(
        _ field: FieldSchema, _ rows: [RowBatch.RowReference], _ chunks: [DecodedChunk], _ column: Int
    ) -> Int {
        let count =
            field.isOptional ? presentRows(rows, chunks, column).reduce(0) { count, _ in count + 1 } : rows.count
        let values = chunks[0].columns[column]
        return count * values.stride * (values.layout == .floats ? 4 : 8)
    }

    private static func varintSize(
        _ rows: [RowBatch.RowReference], _ chunks: [DecodedChunk], _ column: Int
    ) -> Int {
        presentRows(rows, chunks, column).reduce(0) { size, entry in
            size + ProtobufWriter.size(ofVarint: UInt64(bitPattern: entry.1.integers[entry.0]))
        }
    }

    private static func dimensionSize(_ field: FieldSchema) -> Int {
        guard case .floatVector(let dimension) = field.type else { return 0 }
        return 1 + ProtobufWriter.size(ofVarint: UInt64(dimension))
    }

    /// The rows that have a value, each with the column that holds it: null rows travel in `valid_data` alone.
    private static func presentRows(
        _ rows: [RowBatch.RowReference], _ chunks: [DecodedChunk], _ column: Int
    ) -> some Sequence<(Int, Column)> {
        rows.lazy.compactMap { reference in
            let values = chunks[Int(reference.chunk)].columns[column]
            let row = Int(reference.row)
            return values.isPresent.isEmpty || values.isPresent[row] ? (row, values) : nil
        }
    }
}

extension FieldSchema {
    /// Whether this is the column of members that have no field of their own.
    var isDynamicColumn: Bool { name == "$meta" }
}
