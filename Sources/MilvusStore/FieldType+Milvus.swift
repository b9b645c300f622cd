import BackfillCore

extension FieldType {
    /// Milvus' own limit, for a server that does not tell the field's.
    private static let longestVarChar = 65_535
    private static let largestCapacity = 4096
    /// More than any server takes.
    private static let dimensions = 1...1 << 20

    /// Parameters of a field that say what its type is.
    static let parameterNames: Set<String> = ["max_length", "max_capacity", "dim"]

    /// - Parameters:
    ///   - name: the server's name for the type.
    ///   - element: the name of an array's element type.
    init(name: String, element: String, parameters: [Parameter]) {
        func parameter(_ name: String) -> Int? { parameters.first { $0.name == name }.flatMap { Int($0.value) } }
        if let vector = VectorElement(rawValue: name) {
            let dimension = parameter("dim") ?? 0
            let isRight = Self.dimensions.contains(dimension) && (vector != .binary || dimension.isMultiple(of: 8))
            self = isRight ? .vector(vector, dimension: dimension) : .unsupported("\(name) of dimension \(dimension)")
            return
        }
        switch name {
        case "Bool": self = .bool
        case "Int8": self = .int8
        case "Int16": self = .int16
        case "Int32": self = .int32
        case "Int64": self = .int64
        case "Float": self = .float
        case "Double": self = .double
        case "JSON": self = .json
        case "Geometry": self = .geometry
        case "Timestamptz": self = .timestamptz
        case "SparseFloatVector": self = .sparseFloatVector
        case "VarChar", "String": self = .varChar(maxLength: parameter("max_length") ?? Self.longestVarChar)
        case "Array":
            self = .array(
                element: FieldType(name: element, element: "", parameters: parameters),
                maxCapacity: parameter("max_capacity") ?? Self.largestCapacity)
        default: self = .unsupported(name)
        }
    }

    /// The parameters that say what the type is.
    var parameters: [Parameter] {
        switch self {
        case .varChar(let maxLength): [Parameter("max_length", String(maxLength))]
        case .vector(_, let dimension): [Parameter("dim", String(dimension))]
        case .array(let element, let maxCapacity):
            element.parameters + [Parameter("max_capacity", String(maxCapacity))]
        default: []
        }
    }
}

extension [Parameter] {
    /// Those of a field that say nothing about its type.
    var beyondType: [Parameter] {
        filter { !FieldType.parameterNames.contains($0.name) }.sorted { $0.name < $1.name }
    }
}
