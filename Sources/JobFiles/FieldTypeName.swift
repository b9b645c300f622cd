import BackfillCore

/// A field's type as the job file names it.
enum FieldTypeName: String, CaseIterable {
    case bool = "Bool"
    case int8 = "Int8"
    case int16 = "Int16"
    case int32 = "Int32"
    case int64 = "Int64"
    case float = "Float"
    case double = "Double"
    case varChar = "VarChar"
    case json = "JSON"
    case array = "Array"
    case geometry = "Geometry"
    case timestamptz = "Timestamptz"
    case floatVector = "FloatVector"
    case float16Vector = "Float16Vector"
    case bfloat16Vector = "BFloat16Vector"
    case int8Vector = "Int8Vector"
    case binaryVector = "BinaryVector"
    case sparseFloatVector = "SparseFloatVector"

    struct Limits {
        let maxLength: Int
        let maxCapacity: Int
        let dimension: Int
    }

    static let arrayElements: [FieldTypeName] = [.bool, .int8, .int16, .int32, .int64, .float, .double, .varChar]

    /// The keys without which the name says too little.
    var limits: [JobFileKeys.Field] {
        switch self {
        case .varChar: [.maxLength]
        case .array: [.elementType, .maxCapacity]
        case .floatVector, .float16Vector, .bfloat16Vector, .int8Vector, .binaryVector: [.dim]
        case .bool, .int8, .int16, .int32, .int64, .float, .double, .json, .geometry, .timestamptz,
            .sparseFloatVector:
            []
        }
    }

    func type(_ limits: Limits, element: FieldTypeName? = nil) -> FieldType {
        switch self {
        case .bool: .bool
        case .int8: .int8
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .float: .float
        case .double: .double
        case .json: .json
        case .varChar: .varChar(maxLength: limits.maxLength)
        case .array: .array(element: element?.type(limits) ?? .unsupported(""), maxCapacity: limits.maxCapacity)
        case .geometry: .geometry
        case .timestamptz: .timestamptz
        case .floatVector: .vector(.float, dimension: limits.dimension)
        case .float16Vector: .vector(.float16, dimension: limits.dimension)
        case .bfloat16Vector: .vector(.bfloat16, dimension: limits.dimension)
        case .int8Vector: .vector(.int8, dimension: limits.dimension)
        case .binaryVector: .vector(.binary, dimension: limits.dimension)
        case .sparseFloatVector: .sparseFloatVector
        }
    }
}
