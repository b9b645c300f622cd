import BackfillCore

/// Writes one column of a batch as a `FieldData` message.
///
/// A `FieldData` holds a `ScalarField` or a `VectorField`, which holds an array message or bytes, which hold the values:
/// up to three lengths that have to be known before the first value is written.
struct ColumnEncoder {
    private let column: Int
    private let rows: [RowBatch.RowReference]
    private let chunks: [DecodedChunk]
    private let field: FieldSchema
    private let type: MilvusType
    /// Of the array message's content, or of the bytes in its place.
    private let valuesSize: Int

    /// Bytes of the whole message, without its own tag and length.
    let fieldDataSize: Int

    init(column: Int, rows: [RowBatch.RowReference], chunks: [DecodedChunk]) {
        self.column = column
        self.rows = rows
        self.chunks = chunks
        self.field = chunks[0].columns[column].field
        self.type = MilvusType(field.type)
        self.valuesSize = Self.valuesSize(type, field, rows, chunks, column)

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
        writer.open(field.type.isVector ? 4 : 3, length: Self.dimensionSize(field) + array)
        if case .vector(_, let dimension) = field.type { writer.field(1, UInt64(dimension)) }
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
        case .packed:
            for (row, values) in Self.presentRows(rows, chunks, column) {
                writer.append(values.bytes[values.byteRange(row)])
            }
        case .arrays:
            guard case .array(let element, _) = field.type else { return }
            for (row, values) in Self.presentRows(rows, chunks, column) {
                let range = values.byteRange(row)
                writer.open(1, length: ElementEncoder.size(of: range, in: values.bytes, element: element))
                ElementEncoder.write(range, of: values.bytes, element: element, to: &writer)
            }
            writer.field(2, UInt64(MilvusType(element).number))
        }
    }

    // MARK: Sizes

    private static func valuesSize(
        _ type: MilvusType, _ field: FieldSchema, _ rows: [RowBatch.RowReference], _ chunks: [DecodedChunk],
        _ column: Int
    ) -> Int {
        switch type.values {
        case .fixed: return packedSize(fixedSize(field, rows, chunks, column))
        case .varints: return packedSize(varintSize(rows, chunks, column))
        case .packed: return fixedSize(field, rows, chunks, column)
        case .texts:
            return presentRows(rows, chunks, column).reduce(0) { size, entry in
                size + ProtobufWriter.size(ofFieldWithLength: entry.1.byteRange(entry.0).count)
            }
        case .arrays:
            guard case .array(let element, _) = field.type else { return 0 }
            return presentRows(rows, chunks, column).reduce(2) { size, entry in
                let range = entry.1.byteRange(entry.0)
                return size
                    + ProtobufWriter.size(
                        ofFieldWithLength: ElementEncoder.size(of: range, in: entry.1.bytes, element: element))
            }
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
        // Each of these layouts takes the same for every row.
        return count * chunks[0].columns[column].fixedSizeOfRow
    }

    private static func varintSize(
        _ rows: [RowBatch.RowReference], _ chunks: [DecodedChunk], _ column: Int
    ) -> Int {
        presentRows(rows, chunks, column).reduce(0) { size, entry in
            size + ProtobufWriter.size(ofVarint: UInt64(bitPattern: entry.1.integers[entry.0]))
        }
    }

    private static func dimensionSize(_ field: FieldSchema) -> Int {
        guard case .vector(_, let dimension) = field.type else { return 0 }
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

extension Column {
    /// Bytes that every row takes, where all take the same.
    fileprivate var fixedSizeOfRow: Int {
        switch layout {
        case .floats: 4 * stride
        case .doubles: 8
        case .packed: stride
        case .integers, .bytes: preconditionFailure("Rows of this layout differ in size.")
        }
    }
}

extension FieldSchema {
    /// Whether this is the column of members that have no field of their own.
    var isDynamicColumn: Bool { name == "$meta" }
}
