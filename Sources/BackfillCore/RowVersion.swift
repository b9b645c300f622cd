/// How new a row is, by the value of one field. A row without a value is older than any other.
public enum RowVersion: Sendable, Hashable {
    case none
    /// A whole number, or microseconds since 1970.
    case integer(Int64)
    case number(Double)
}

extension RowVersion: Comparable {
    public static func < (first: RowVersion, second: RowVersion) -> Bool {
        switch (first, second) {
        case (.none, .none): false
        case (.none, _): true
        case (.integer(let first), .integer(let second)): first < second
        case (.number(let first), .number(let second)): first < second
        // Never of one field.
        case (_, .none), (.integer, .number), (.number, .integer): false
        }
    }
}

/// Tells how new the rows of a job are.
public struct RowVersions: Sendable {
    /// The field whose value tells it.
    public let field: FieldSchema
    /// Its index in `DecodedChunk.columns`.
    private let column: Int
    private let read: @Sendable (_ column: Column, _ row: Int) -> RowVersion?

    /// - Parameters:
    ///   - column: the field's index in `DecodedChunk.columns`.
    ///   - read: the value of a row that has one; nil where it cannot be read.
    public init(
        field: FieldSchema, column: Int, read: @escaping @Sendable (_ column: Column, _ row: Int) -> RowVersion?
    ) {
        self.field = field
        self.column = column
        self.read = read
    }

    /// How new a row is of a column that holds the field; nil where its value cannot be read.
    public func version(ofRow row: Int, in column: Column) -> RowVersion? {
        column.isPresent.isEmpty || column.isPresent[row] ? read(column, row) : fallback
    }

    /// How new the row of an operation is; one that deletes has none.
    func version(of operation: RowOperation, in chunk: DecodedChunk) -> RowVersion {
        operation.isDelete ? .none : version(ofRow: operation.row, in: chunk)
    }

    func version(ofRow row: Int32, in chunk: DecodedChunk) -> RowVersion {
        guard let version = version(ofRow: Int(row), in: chunk.columns[column]) else {
            preconditionFailure("A decoded value of field `\(field.name)` cannot be read.")
        }
        return version
    }

    /// What the server stores for a row that has no value.
    private var fallback: RowVersion {
        switch field.defaultValue {
        case .int(let value): .integer(Int64(value))
        case .long(let value), .timestamptz(let value): .integer(value)
        case .float(let value): .number(Double(value))
        case .double(let value): .number(value)
        case .bool, .text, .bytes, nil: .none
        }
    }
}
