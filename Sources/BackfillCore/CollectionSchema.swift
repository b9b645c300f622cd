/// The type of a field, with the limits that Milvus sets on its values.
public indirect enum FieldType: Sendable, Hashable {
    case bool, int8, int16, int32, int64, float, double, json
    /// Text of at most `maxLength` UTF-8 bytes.
    case varChar(maxLength: Int)
    /// At most `maxCapacity` elements of one scalar type.
    case array(element: FieldType, maxCapacity: Int)
    case floatVector(dimension: Int)
    /// A type that this program does not write, with the server's name for it.
    case unsupported(String)
}

extension FieldType: CustomStringConvertible {
    public var description: String {
        switch self {
        case .bool: "Bool"
        case .int8: "Int8"
        case .int16: "Int16"
        case .int32: "Int32"
        case .int64: "Int64"
        case .float: "Float"
        case .double: "Double"
        case .json: "JSON"
        case .varChar(let maxLength): "VarChar(\(maxLength))"
        case .array(let element, let maxCapacity): "Array(\(element), \(maxCapacity))"
        case .floatVector(let dimension): "FloatVector(\(dimension))"
        case .unsupported(let name): name
        }
    }
}

/// One field of a collection.
public struct FieldSchema: Sendable, Hashable {
    public var name: String
    public var type: FieldType
    public var isPrimaryKey: Bool
    /// The server makes the key: a replay of such a collection would duplicate its rows.
    public var isAutoID: Bool
    public var isNullable: Bool
    public var hasDefault: Bool
    public var isPartitionKey: Bool
    /// The server computes the value from other fields; it is not sent.
    public var isFunctionOutput: Bool

    public init(
        name: String,
        type: FieldType,
        isPrimaryKey: Bool = false,
        isAutoID: Bool = false,
        isNullable: Bool = false,
        hasDefault: Bool = false,
        isPartitionKey: Bool = false,
        isFunctionOutput: Bool = false
    ) {
        self.name = name
        self.type = type
        self.isPrimaryKey = isPrimaryKey
        self.isAutoID = isAutoID
        self.isNullable = isNullable
        self.hasDefault = hasDefault
        self.isPartitionKey = isPartitionKey
        self.isFunctionOutput = isFunctionOutput
    }

    /// Whether a record may leave the field out.
    public var isOptional: Bool { isNullable || hasDefault }
}

extension FieldSchema: CustomStringConvertible {
    public var description: String {
        var text = "\(name) \(type)"
        if isPrimaryKey { text += " primaryKey" }
        if isAutoID { text += " autoID" }
        if isNullable { text += " nullable" }
        if hasDefault { text += " default" }
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

    /// One line for each thing that decides how a record is written; equal lines mean equal rows.
    public var fingerprint: [String] {
        fields.map(\.description).sorted() + (hasDynamicField ? ["dynamic field"] : [])
    }
}
