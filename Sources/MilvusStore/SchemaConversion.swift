import BackfillCore

extension CollectionSchema {
    /// - Parameter requestedName: the name by which the collection was asked for, which may be an alias.
    init(_ response: Milvus_Proto_Milvus_DescribeCollectionResponse, requestedName: String) {
        let structs = response.schema.structArrayFields.map {
            FieldSchema(name: $0.name, type: .unsupported("ArrayOfStruct"))
        }
        self.init(
            name: requestedName, id: response.collectionID,
            fields: response.schema.fields.filter { !$0.isDynamic }.map(FieldSchema.init) + structs,
            hasDynamicField: response.schema.enableDynamicField)
    }
}

extension FieldSchema {
    init(_ field: Milvus_Proto_Schema_FieldSchema) {
        self.init(
            name: field.name,
            type: FieldType(field.dataType, element: field.elementType, parameters: field.typeParams),
            isPrimaryKey: field.isPrimaryKey, isAutoID: field.autoID, isNullable: field.nullable,
            hasDefault: field.hasDefaultValue, isPartitionKey: field.isPartitionKey,
            isFunctionOutput: field.isFunctionOutput)
    }
}

extension FieldType {
    /// Milvus' own limit, for a server that does not tell the field's.
    private static let longestVarChar = 65_535
    private static let largestCapacity = 4096

    init(
        _ type: Milvus_Proto_Schema_DataType, element: Milvus_Proto_Schema_DataType,
        parameters: [Milvus_Proto_Common_KeyValuePair]
    ) {
        func parameter(_ name: String) -> Int? { parameters.first { $0.key == name }.flatMap { Int($0.value) } }
        switch type {
        case .bool: self = .bool
        case .int8: self = .int8
        case .int16: self = .int16
        case .int32: self = .int32
        case .int64: self = .int64
        case .float: self = .float
        case .double: self = .double
        case .json: self = .json
        case .varChar, .string: self = .varChar(maxLength: parameter("max_length") ?? Self.longestVarChar)
        case .floatVector:
            self = parameter("dim").map(FieldType.floatVector(dimension:)) ?? .unsupported("FloatVector without dim")
        case .array:
            self = .array(
                element: FieldType(element, element: .none, parameters: parameters),
                maxCapacity: parameter("max_capacity") ?? Self.largestCapacity)
        default: self = .unsupported("\(type)")
        }
    }

    var dataType: Milvus_Proto_Schema_DataType {
        Milvus_Proto_Schema_DataType(rawValue: MilvusType(self).number) ?? .none
    }

    var parameters: [Milvus_Proto_Common_KeyValuePair] {
        switch self {
        case .varChar(let maxLength): [.init(key: "max_length", value: String(maxLength))]
        case .floatVector(let dimension): [.init(key: "dim", value: String(dimension))]
        case .array(let element, let maxCapacity):
            element.parameters + [.init(key: "max_capacity", value: String(maxCapacity))]
        default: []
        }
    }
}

extension Milvus_Proto_Schema_CollectionSchema {
    init(_ definition: CollectionDefinition, name: String) {
        self.init()
        self.name = name
        self.enableDynamicField = definition.hasDynamicField
        self.fields = definition.fields.map { field in
            var message = Milvus_Proto_Schema_FieldSchema()
            message.name = field.name
            message.isPrimaryKey = field.isPrimaryKey
            message.dataType = field.type.dataType
            message.typeParams = field.type.parameters
            if case .array(let element, _) = field.type { message.elementType = element.dataType }
            message.isPartitionKey = field.isPartitionKey
            message.nullable = field.isNullable
            return message
        }
    }
}

extension Milvus_Proto_Common_KeyValuePair {
    init(key: String, value: String) {
        self.init()
        self.key = key
        self.value = value
    }
}
