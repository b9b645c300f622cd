/// Which rows are read back, and which of their fields.
public struct RowQuery: Sendable {
    public enum Selection: Sendable {
        /// The rows with these keys, in no order; a key without a row is passed over.
        case keys([PrimaryKey])
        /// At most `limit` rows in the order of their keys: the first ones behind `key`, or of all where that is nil. Only an
        /// answer without rows says that there are no more.
        case page(after: PrimaryKey?, limit: Int)
    }

    /// The most rows or keys of one query: what servers allow.
    public static let mostRows = 16_384

    public var selection: Selection
    /// The primary key first; `$meta` stands for the members that have no field of their own.
    public var fields: [FieldSchema]

    /// - Parameter fields: the primary key first.
    public init(_ selection: Selection, fields: [FieldSchema]) {
        precondition(fields.first?.isPrimaryKey == true, "The first field of a query names its rows.")
        self.selection = selection
        self.fields = fields
    }

    /// How many rows the answer has at most.
    public var limit: Int {
        switch selection {
        case .keys(let keys): keys.count
        case .page(_, let limit): limit
        }
    }
}
