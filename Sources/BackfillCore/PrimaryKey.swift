/// The value that names a row, in the order in which servers keep rows: integers by value, text by its bytes.
public enum PrimaryKey: Sendable, Hashable {
    case integer(Int64)
    /// UTF-8.
    case text([UInt8])
}

extension PrimaryKey: Comparable {
    public static func < (first: PrimaryKey, second: PrimaryKey) -> Bool {
        switch (first, second) {
        case (.integer(let first), .integer(let second)): first < second
        case (.text(let first), .text(let second)): first.lexicographicallyPrecedes(second)
        case (.integer, .text): true
        case (.text, .integer): false
        }
    }
}

extension PrimaryKey: CustomStringConvertible {
    public var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }
}

extension Column {
    /// The key that a row of a primary key's column holds.
    public func key(ofRow row: Int) -> PrimaryKey {
        layout == .bytes ? .text(Array(bytes[byteRange(row)])) : .integer(integers[row])
    }
}
