import BackfillCore

/// A collection as `collections/describe` tells of it.
struct RESTDescription: Decodable {
    struct Pair: Decodable {
        var key: String
        var value: String

        var parameter: Parameter { Parameter(key, value) }
    }

    struct Field: Decodable {
        var name: String
        var type: String
        var primaryKey: Bool
        var autoId: Bool
        var partitionKey: Bool?
        var clusteringKey: Bool?
        var nullable: Bool?
        var defaultValue: JSONValue?
        var isFunctionOutput: Bool?
        var params: [Pair]?
        var elementType: String?
    }

    /// A field of structs, of which nothing but the name matters: no row can be written for it.
    struct StructField: Decodable {
        var name: String
    }

    struct Function: Decodable {
        var name: String
        var type: Int
        var inputFieldNames: [String]
        var outputFieldNames: [String]
        var params: [Pair]?
    }

    var collectionID: Int64?
    var fields: [Field]
    var structFields: [StructField]?
    var functions: [Function]?
    var enableDynamicField: Bool
    var shardsNum: Int?
    var partitionsNum: Int?
    var consistencyLevel: String?
    var properties: [Pair]?

    /// - Parameter name: the one by which the collection was asked for, which may be an alias.
    func schema(name: String) -> CollectionSchema {
        CollectionSchema(name: name, id: collectionID ?? 0, fields: schemas, hasDynamicField: enableDynamicField)
    }

    func definition(indexes: [CollectionDefinition.Index]) throws(StoreError) -> CollectionDefinition {
        var functions: [CollectionDefinition.Function] = []
        for function in self.functions ?? [] {
            functions.append(
                try CollectionDefinition.Function(
                    name: function.name, kindNumber: function.type, inputs: function.inputFieldNames,
                    outputs: function.outputFieldNames, parameters: (function.params ?? []).map(\.parameter)))
        }
        return CollectionDefinition(
            fields: schemas, functions: functions, hasDynamicField: enableDynamicField, indexes: indexes,
            shards: shardsNum, partitions: schemas.contains(where: \.isPartitionKey) ? partitionsNum : nil,
            consistency: consistencyLevel.flatMap(CollectionDefinition.Consistency.init),
            properties: (properties ?? []).map(\.parameter).sorted { $0.name < $1.name })
    }

    private var schemas: [FieldSchema] {
        let outputs = Set((functions ?? []).flatMap(\.outputFieldNames))
        let structs = (structFields ?? []).map { FieldSchema(name: $0.name, type: .unsupported("ArrayOfStruct")) }
        return fields.map { field in
            let parameters = (field.params ?? []).map(\.parameter)
            let type = FieldType(name: field.type, element: field.elementType ?? "", parameters: parameters)
            return FieldSchema(
                name: field.name, type: type, isPrimaryKey: field.primaryKey, isAutoID: field.autoId,
                isNullable: field.nullable ?? false, defaultValue: field.defaultValue.flatMap(DefaultValue.init),
                isPartitionKey: field.partitionKey ?? false, isClusteringKey: field.clusteringKey ?? false,
                isFunctionOutput: field.isFunctionOutput ?? false || outputs.contains(field.name),
                parameters: parameters.beyondType)
        } + structs
    }
}

/// An index as `indexes/describe` tells of it.
struct RESTIndex: Decodable {
    var fieldName: String
    var indexType: String
    var metricType: String?
    /// Not every server tells them.
    var params: [RESTDescription.Pair]?

    /// - Throws: `StoreError.fatal` where the server does not tell the parameters that the index was made with.
    func definition() throws(StoreError) -> CollectionDefinition.Index {
        let withoutParameters: Set<String> = ["FLAT", "BIN_FLAT", "AUTOINDEX", "INVERTED", "Trie", "STL_SORT"]
        guard params != nil || withoutParameters.contains(indexType) else {
            throw .fatal(
                "Milvus' RESTful API does not tell the parameters of the index of field `\(fieldName)` (\(indexType)): "
                    + "give the index under target.milvus.create.indexes, or set target.milvus.protocol to `grpc`")
        }
        let described =
            [Parameter("index_type", indexType), Parameter("metric_type", metricType ?? "")]
            + (params ?? []).map(\.parameter)
        return CollectionDefinition.Index(field: fieldName, described: described)
    }
}

extension DefaultValue {
    /// - Parameter value: a `ValueField` as Go's JSON encoder prints it: `{"Data": {"LongData": 42}}`.
    fileprivate init?(_ value: JSONValue) {
        guard case .object(let outer) = value, case .object(let inner)? = outer["Data"], let slot = inner.first else {
            return nil
        }
        switch (slot.key, slot.value) {
        case ("BoolData", .bool(let value)): self = .bool(value)
        case ("IntData", .integer(let value)): self = .int(Int32(truncatingIfNeeded: value))
        case ("LongData", .integer(let value)): self = .long(value)
        case ("FloatData", .number(let value)): self = .float(Float(value))
        case ("FloatData", .integer(let value)): self = .float(Float(value))
        case ("DoubleData", .number(let value)): self = .double(value)
        case ("DoubleData", .integer(let value)): self = .double(Double(value))
        case ("StringData", .text(let value)): self = .text(value)
        case ("TimestamptzData", .integer(let value)): self = .timestamptz(value)
        default: return nil
        }
    }
}
