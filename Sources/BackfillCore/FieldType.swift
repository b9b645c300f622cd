/// The type of a field, with the limits that Milvus sets on its values.
public indirect enum FieldType: Sendable, Hashable {
    case bool, int8, int16, int32, int64, float, double, json
    /// A geometry as well-known text (OGC 06-103r4).
    case geometry
    /// An instant, in microseconds since 1970 on the server and as ISO 8601 text on the way to it.
    case timestamptz
    /// Text of at most `maxLength` UTF-8 bytes.
    case varChar(maxLength: Int)
    /// At most `maxCapacity` elements of one scalar type.
    case array(element: FieldType, maxCapacity: Int)
    /// A vector that has all its elements.
    case vector(VectorElement, dimension: Int)
    /// A vector that lists the elements which are not zero.
    case sparseFloatVector
    /// A type that this program does not write, with the server's name for it.
    case unsupported(String)

    public static func floatVector(dimension: Int) -> FieldType { .vector(.float, dimension: dimension) }

    public var isVector: Bool {
        switch self {
        case .vector, .sparseFloatVector: true
        default: false
        }
    }

    /// The server's name for the type, without its limits.
    public var name: String {
        switch self {
        case .bool: "Bool"
        case .int8: "Int8"
        case .int16: "Int16"
        case .int32: "Int32"
        case .int64: "Int64"
        case .float: "Float"
        case .double: "Double"
        case .json: "JSON"
        case .geometry: "Geometry"
        case .timestamptz: "Timestamptz"
        case .varChar: "VarChar"
        case .array: "Array"
        case .vector(let element, _): element.rawValue
        case .sparseFloatVector: "SparseFloatVector"
        case .unsupported(let name): name
        }
    }
}

extension FieldType: CustomStringConvertible {
    public var description: String {
        switch self {
        case .varChar(let maxLength): "\(name)(\(maxLength))"
        case .array(let element, let maxCapacity): "\(name)(\(element), \(maxCapacity))"
        case .vector(_, let dimension): "\(name)(\(dimension))"
        default: name
        }
    }
}

/// What the elements of a vector are. The raw value is the server's name for the type of such a vector.
public enum VectorElement: String, Sendable, Hashable, CaseIterable {
    case float = "FloatVector"
    /// IEEE 754 binary16.
    case float16 = "Float16Vector"
    /// The upper half of an IEEE 754 binary32.
    case bfloat16 = "BFloat16Vector"
    case int8 = "Int8Vector"
    /// Single bits.
    case binary = "BinaryVector"

    /// Bytes of a vector of `dimension` elements.
    public func byteCount(dimension: Int) -> Int {
        switch self {
        case .float: 4 * dimension
        case .float16, .bfloat16: 2 * dimension
        case .int8: dimension
        case .binary: dimension / 8
        }
    }
}
