import BackfillCore
import Foundation

extension CollectionSchema {
    /// - Parameter requestedName: the name by which the collection was asked for, which may be an alias.
    init(_ response: Milvus_Proto_Milvus_DescribeCollectionResponse, requestedName: String) {
        self.init(
            name: requestedName, id: response.collectionID, fields: response.schema.writableFields,
            hasDynamicField: response.schema.enableDynamicField)
    }
}

extension CollectionDefinition {
    init(
        _ response: Milvus_Proto_Milvus_DescribeCollectionResponse, indexes: [Milvus_Proto_Milvus_IndexDescription]
    ) throws(StoreError) {
        let fields = response.schema.writableFields
        var functions: [Function] = []
        for function in response.schema.functions {
            functions.append(
                try Function(
                    name: function.name, kindNumber: Int(function.type), inputs: function.inputFieldNames,
                    outputs: function.outputFieldNames, parameters: function.params.map(Parameter.init)))
        }
        var definitions: [Index] = []
        for index in indexes {
            definitions.append(try Index(field: index.fieldName, described: index.params.map(Parameter.init)))
        }
        self.init(
            fields: fields, functions: functions, hasDynamicField: response.schema.enableDynamicField,
            indexes: definitions,
            shards: response.shardsNum > 0 ? Int(response.shardsNum) : nil,
            partitions: fields.contains(where: \.isPartitionKey) && response.numPartitions > 0
                ? Int(response.numPartitions) : nil,
            consistency: Consistency(number: Int(response.consistencyLevel)),
            properties: response.properties.map(Parameter.init).sorted { $0.name < $1.name })
    }
}

extension CollectionDefinition.Function {
    init(
        name: String, kindNumber: Int, inputs: [String], outputs: [String], parameters: [Parameter]
    ) throws(StoreError) {
        guard let kind = Kind.allCases.first(where: { $0.number == kindNumber }) else {
            throw .fatal("function `\(name)` is of a kind (\(kindNumber)) that this version does not know")
        }
        self.init(name: name, kind: kind, inputs: inputs, outputs: outputs, parameters: parameters)
    }
}

extension CollectionDefinition.Function.Kind {
    /// By Milvus' `FunctionType`.
    var number: Int {
        switch self {
        case .bm25: 1
        case .textEmbedding: 2
        case .minHash: 4
        }
    }
}

extension CollectionDefinition.Consistency {
    /// By the number that it has in Milvus' `ConsistencyLevel`; nil for one that a collection cannot be made with.
    init?(number: Int) {
        switch number {
        case 0: self = .strong
        case 1: self = .session
        case 2: self = .bounded
        case 3: self = .eventually
        default: return nil
        }
    }

    var number: Int32 {
        switch self {
        case .strong: 0
        case .session: 1
        case .bounded: 2
        case .eventually: 3
        }
    }
}

extension CollectionDefinition.Index {
    /// - Parameter described: what the server tells of an index: its type and metric, the members of `params` as a JSON
    ///   text, and settings beside them.
    /// - Throws: `StoreError.fatal` when `params` is no object.
    init(field: String, described: [Parameter]) throws(StoreError) {
        func value(_ name: String) -> String { described.first { $0.name == name }?.value ?? "" }
        let own: Set<String> = ["index_type", "metric_type", "params"]
        guard let all = value("params").isEmpty ? [] : JSONMembers.members(of: value("params")) else {
            throw .fatal("the parameters of the index of field `\(field)` cannot be read: \(value("params"))")
        }
        let members = all.filter { !own.contains($0.name) }
        let beside = described.filter { parameter in
            !own.contains(parameter.name) && !members.contains { $0.name == parameter.name }
        }
        self.init(
            field: field, type: value("index_type"), metric: value("metric_type"),
            parameters: (members + beside).sorted { $0.name < $1.name })
    }

    /// What a server is told to make the index.
    var parametersForCreation: [Parameter] {
        var list = [Parameter("index_type", type)]
        if !metric.isEmpty { list.append(Parameter("metric_type", metric)) }
        if !parameters.isEmpty {
            list.append(Parameter("params", JSONMembers.text(of: JSONMembers.object(parameters))))
        }
        return list
    }
}

extension Milvus_Proto_Schema_CollectionSchema {
    /// Every field that has a name of its own, with those that no row can be written for.
    fileprivate var writableFields: [FieldSchema] {
        let structs = structArrayFields.map { FieldSchema(name: $0.name, type: .unsupported("ArrayOfStruct")) }
        let outputs = Set(functions.flatMap(\.outputFieldNames))
        return fields.filter { !$0.isDynamic }.map { FieldSchema($0, outputs: outputs) } + structs
    }

    init(_ definition: CollectionDefinition, name: String) {
        self.init()
        self.name = name
        self.enableDynamicField = definition.hasDynamicField
        self.fields = definition.fields.map(Milvus_Proto_Schema_FieldSchema.init)
        self.functions = definition.functions.map { function in
            var message = Milvus_Proto_Schema_FunctionSchema()
            message.name = function.name
            message.type = Int32(function.kind.number)
            message.inputFieldNames = function.inputs
            message.outputFieldNames = function.outputs
            message.params = function.parameters.map(Milvus_Proto_Common_KeyValuePair.init)
            return message
        }
    }
}

extension FieldSchema {
    /// - Parameter outputs: fields that functions compute; not every server marks them.
    fileprivate init(_ field: Milvus_Proto_Schema_FieldSchema, outputs: Set<String>) {
        let parameters = field.typeParams.map(Parameter.init)
        self.init(
            name: field.name,
            type: FieldType(name: field.dataType.name, element: field.elementType.name, parameters: parameters),
            isPrimaryKey: field.isPrimaryKey, isAutoID: field.autoID, isNullable: field.nullable,
            defaultValue: field.hasDefaultValue ? DefaultValue(field.defaultValue) : nil,
            isPartitionKey: field.isPartitionKey, isClusteringKey: field.isClusteringKey,
            isFunctionOutput: field.isFunctionOutput || outputs.contains(field.name),
            parameters: parameters.beyondType)
    }
}

extension Milvus_Proto_Schema_FieldSchema {
    fileprivate init(_ field: FieldSchema) {
        self.init()
        name = field.name
        isPrimaryKey = field.isPrimaryKey
        dataType = field.type.dataType
        typeParams = (field.type.parameters + field.parameters).map(Milvus_Proto_Common_KeyValuePair.init)
        if case .array(let element, _) = field.type { elementType = element.dataType }
        isPartitionKey = field.isPartitionKey
        isClusteringKey = field.isClusteringKey
        nullable = field.isNullable
        isFunctionOutput = field.isFunctionOutput
        if let value = field.defaultValue { defaultValue = Milvus_Proto_Schema_ValueField(value) }
    }
}

extension FieldType {
    fileprivate var dataType: Milvus_Proto_Schema_DataType {
        Milvus_Proto_Schema_DataType(rawValue: MilvusType(self).number) ?? .none
    }
}

extension Milvus_Proto_Schema_DataType {
    /// As Milvus itself spells it.
    fileprivate var name: String {
        switch self {
        case .UNRECOGNIZED(let number): return "number \(number)"
        case .json: return "JSON"
        case .bfloat16Vector: return "BFloat16Vector"
        default:
            let text = "\(self)"
            return text.prefix(1).uppercased() + text.dropFirst()
        }
    }
}

extension DefaultValue {
    /// nil where the server tells of a default value but not which.
    fileprivate init?(_ value: Milvus_Proto_Schema_ValueField) {
        switch value.data {
        case .boolData(let value): self = .bool(value)
        case .intData(let value): self = .int(value)
        case .longData(let value): self = .long(value)
        case .floatData(let value): self = .float(value)
        case .doubleData(let value): self = .double(value)
        case .stringData(let value): self = .text(value)
        case .bytesData(let value): self = .bytes(Array(value))
        case .timestamptzData(let value): self = .timestamptz(value)
        case nil: return nil
        }
    }
}

extension Milvus_Proto_Schema_ValueField {
    fileprivate init(_ value: DefaultValue) {
        self.init()
        data =
            switch value {
            case .bool(let value): .boolData(value)
            case .int(let value): .intData(value)
            case .long(let value): .longData(value)
            case .float(let value): .floatData(value)
            case .double(let value): .doubleData(value)
            case .text(let value): .stringData(value)
            case .bytes(let value): .bytesData(Data(value))
            case .timestamptz(let value): .timestamptzData(value)
            }
    }
}

extension Parameter {
    init(_ pair: Milvus_Proto_Common_KeyValuePair) {
        self.init(pair.key, pair.value)
    }
}

extension Milvus_Proto_Common_KeyValuePair {
    init(_ parameter: Parameter) {
        self.init()
        key = parameter.name
        value = parameter.value
    }
}
