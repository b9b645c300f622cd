/// One field of a collection.
public struct FieldSchema: Sendable, Hashable {
    public var name: String
    public var type: FieldType
    public var isPrimaryKey: Bool
    /// The server makes the key: a replay of such a collection would duplicate its rows.
    public var isAutoID: Bool
    public var isNullable: Bool
    /// What the server stores for a row that leaves the field out.
    public var defaultValue: DefaultValue?
    public var isPartitionKey: Bool
    /// The server orders its segments by this field.
    public var isClusteringKey: Bool
    /// The server computes the value from other fields; it is not sent.
    public var isFunctionOutput: Bool
    /// Parameters beyond those of the type, such as an analyzer's, sorted by name. No row depends on them.
    public var parameters: [Parameter]

    public init(
        name: String,
        type: FieldType,
        isPrimaryKey: Bool = false,
        isAutoID: Bool = false,
        isNullable: Bool = false,
        defaultValue: DefaultValue? = nil,
        isPartitionKey: Bool = false,
        isClusteringKey: Bool = false,
        isFunctionOutput: Bool = false,
        parameters: [Parameter] = []
    ) {
        self.name = name
        self.type = type
        self.isPrimaryKey = isPrimaryKey
        self.isAutoID = isAutoID
        self.isNullable = isNullable
        self.defaultValue = defaultValue
        self.isPartitionKey = isPartitionKey
        self.isClusteringKey = isClusteringKey
        self.isFunctionOutput = isFunctionOutput
        self.parameters = parameters
    }

    /// Whether a record may leave the field out.
    public var isOptional: Bool { isNullable || defaultValue != nil }
}

/// A name and a value as a server keeps them, both text.
public struct Parameter: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What stands in a field that a row leaves out, by the slot of Milvus' `ValueField` that holds it.
public enum DefaultValue: Sendable, Hashable {
    case bool(Bool)
    /// Int8 to Int32.
    case int(Int32)
    case long(Int64)
    case float(Float)
    case double(Double)
    case text(String)
    case bytes([UInt8])
    /// Microseconds since 1970.
    case timestamptz(Int64)
}

extension DefaultValue: CustomStringConvertible {
    public var description: String {
        switch self {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .long(let value), .timestamptz(let value): "\(value)"
        case .float(let value): "\(value)"
        case .double(let value): "\(value)"
        case .text(let value): "\"\(value)\""
        case .bytes(let value): String(decoding: value, as: UTF8.self)
        }
    }
}

extension FieldSchema: CustomStringConvertible {
    public var description: String {
        var text = "\(name) \(type)"
        if isPrimaryKey { text += " primaryKey" }
        if isAutoID { text += " autoID" }
        if isNullable { text += " nullable" }
        if let defaultValue { text += " default \(defaultValue)" }
        if isPartitionKey { text += " partitionKey" }
        if isFunctionOutput { text += " functionOutput" }
        return text
    }
}

/// A collection as its server describes it.
public struct CollectionSchema: Sendable, Hashable {
    public var name: String
    /// The server's number for this very collection, which a re-creation changes; 0 where the server gives none.
    public var id: Int64
    public var fields: [FieldSchema]
    /// Whether members without a field of their own are kept in `$meta`.
    public var hasDynamicField: Bool

    public init(name: String, id: Int64, fields: [FieldSchema], hasDynamicField: Bool) {
        self.name = name
        self.id = id
        self.fields = fields
        self.hasDynamicField = hasDynamicField
    }

    public var primaryKey: FieldSchema? { fields.first(where: \.isPrimaryKey) }

    public var partitionKey: FieldSchema? { fields.first(where: \.isPartitionKey) }

    /// One line for each thing that decides how a record is written; equal lines mean equal rows.
    public var fingerprint: [String] {
        fields.map(\.description).sorted() + (hasDynamicField ? ["dynamic field"] : [])
    }
}
