public import BackfillCore

/// Digests rows by what their values mean, so that a row as it was decoded and the same row as a server answers it have
/// the same digest.
///
/// Numbers and vectors count bit by bit and text byte by byte. JSON counts by its value, a time by its moment, a geometry
/// by its words and coordinates, a sparse vector by its elements that are not zero. A value that is absent counts as the
/// field's default.
public struct RowDigester {
    private let dynamicNumbers: JSONScanner.NumberComparison
    private let readsNullVectorsAsZeros: Bool
    /// What the row means; one allocation serves all rows.
    private var meaning: [UInt8] = []
    /// For each field with a default value a column of that value.
    private var defaults: [String: Column] = [:]

    /// - Parameter limits: those of the server that answers.
    public init(limits: ServerLimits) {
        dynamicNumbers = limits.missing.contains(.exactDynamicNumbers) ? .nearestDouble : .exact
        readsNullVectorsAsZeros = limits.missing.contains(.nullVectorsReadBack)
    }

    /// - Parameter columns: all that count, in the same order for all rows that are compared.
    public mutating func digest(row: Int, of columns: [Column]) -> RowDigest {
        meaning.removeAll(keepingCapacity: true)
        for column in columns { append(row, of: column) }
        return RowDigest(of: meaning)
    }

    private mutating func append(_ row: Int, of column: Column) {
        guard column.isPresent.isEmpty || column.isPresent[row] else {
            return appendAbsent(row, of: column)
        }
        meaning.append(1)
        appendValue(row, of: column)
    }

    private mutating func appendAbsent(_ row: Int, of column: Column) {
        let field = column.field
        if let value = field.defaultValue {
            let filled =
                defaults[field.name]
                ?? {
                    var filled = Column(field: field)
                    filled.append(value)
                    return filled
                }()
            defaults[field.name] = filled
            meaning.append(1)
            appendValue(0, of: filled)
        } else if case .vector(.float, _) = field.type, readsNullVectorsAsZeros {
            meaning.append(1)
            appendValue(row, of: column)
        } else {
            meaning.append(0)
        }
    }

    private mutating func appendValue(_ row: Int, of column: Column) {
        switch column.layout {
        case .integers: ArrayElements.append(column.integers[row], to: &meaning)
        case .doubles: ArrayElements.append(column.doubles[row], to: &meaning)
        case .floats:
            let size = MemoryLayout<Float>.size * column.stride
            // The buffer is the column's and lives for the whole call; the row's elements lie in it end to end.
            unsafe column.floats.withUnsafeBytes { floats in
                unsafe meaning.append(contentsOf: floats[row * size..<(row + 1) * size])
            }
        case .packed: meaning.append(contentsOf: column.bytes[column.byteRange(row)])
        case .bytes:
            let mark = ArrayElements.openText(in: &meaning)
            appendBytes(column.bytes[column.byteRange(row)], of: column.field)
            ArrayElements.closeText(from: mark, in: &meaning)
        }
    }

    private mutating func appendBytes(_ bytes: ArraySlice<UInt8>, of field: FieldSchema) {
        let begin = meaning.count
        do throws(RecordFault) {
            switch field.type {
            case .json:
                let isDynamic = field.name == "$meta"
                try JSONScanner.appendMeaning(of: bytes, numbers: isDynamic ? dynamicNumbers : .exact, to: &meaning)
            case .timestamptz: ArrayElements.append(try Instant(Array(bytes)).microseconds, to: &meaning)
            case .geometry: try WellKnownText.appendTokens(of: Array(bytes), to: &meaning)
            case .sparseFloatVector: appendSparseVector(bytes)
            default: meaning.append(contentsOf: bytes)
            }
        } catch {
            // What cannot be read was not written by a job; its bytes tell it from everything that was.
            meaning.removeSubrange(begin...)
            meaning.append(contentsOf: bytes)
        }
    }

    private mutating func appendSparseVector(_ bytes: ArraySlice<UInt8>) {
        let pairSize = 2 * MemoryLayout<UInt32>.size
        for start in stride(from: bytes.startIndex, through: bytes.endIndex - pairSize, by: pairSize)
        where bytes[start + 4..<start + 7].contains(where: { $0 != 0 }) || bytes[start + 7] & 0x7F != 0 {
            meaning.append(contentsOf: bytes[start..<start + pairSize])
        }
    }
}
