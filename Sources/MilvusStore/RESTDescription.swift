import BackfillCore
import Foundation

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
    func schema(name: String) throws(StoreError) -> CollectionSchema {
        CollectionSchema(
            name: name, id: collectionID ?? 0, fields: try schemas, hasDynamicField: enableDynamicField)
    }

    func definition(indexes: [CollectionDefinition.Index]) throws(StoreError) -> CollectionDefinition {
        var functions: [CollectionDefinition.Function] = []
        for function in self.functions ?? [] {
            functions.append(
                try CollectionDefinition.Function(
                    name: function.name, kindNumber: function.type, inputs: function.inputFieldNames,
                    outputs: function.outputFieldNames, parameters: (function.params ?? []).map(\.parameter)))
        }
        let schemas = try schemas
        return CollectionDefinition(
            fields: schemas, functions: functions, hasDynamicField: enableDynamicField, indexes: indexes,
            shards: shardsNum, partitions: schemas.contains(where: \.isPartitionKey) ? partitionsNum : nil,
            consistency: consistencyLevel.flatMap(CollectionDefinition.Consistency.init),
            properties: (properties ?? []).map(\.parameter).sorted { $0.name < $1.name })
    }

    private var schemas: [FieldSchema] {
        get throws(StoreError) {
            let outputs = Set((functions ?? []).flatMap(\.outputFieldNames))
            var schemas: [FieldSchema] = []
            for field in fields { schemas.append(try field.schema(outputs: outputs)) }
            return schemas
                + (structFields ?? []).map { FieldSchema(name: $0.name, type: .unsupported("ArrayOfStruct")) }
        }
    }
}

extension RESTDescription.Field {
    /// - Parameter outputs: fields that functions compute; not every server marks them.
    fileprivate func schema(outputs: Set<String>) throws(StoreError) -> FieldSchema {
        let parameters = (params ?? []).map(\.parameter)
        let value = defaultValue.flatMap(DefaultValue.init)
        if let defaultValue, defaultValue != .null, value == nil {
            throw .fatal("the default value of field `\(name)` cannot be read: \(JSONMembers.text(of: defaultValue))")
        }
        return FieldSchema(
            name: name, type: FieldType(name: type, element: elementType ?? "", parameters: parameters),
            isPrimaryKey: primaryKey, isAutoID: autoId, isNullable: nullable ?? false, defaultValue: value,
            isPartitionKey: partitionKey ?? false, isClusteringKey: clusteringKey ?? false,
            isFunctionOutput: isFunctionOutput ?? false || outputs.contains(name), parameters: parameters.beyondType)
    }
}

/// An index as `indexes/describe` tells of it.
struct RESTIndex: Decodable {
    var fieldName: String
    var indexType: String
    var metricType: String?
    /// Not every server tells them.
    var params: [RESTDescription.Pair]?
    var indexState: String
    var failReason: String
    var totalRows: Int
    var indexedRows: Int
    var pendingRows: Int

    var state: IndexState {
        IndexState(
            field: fieldName, totalRows: totalRows, indexedRows: indexedRows, pendingRows: pendingRows,
            failure: indexState == "Failed" ? failReason : nil)
    }

    private static let withoutParameters: Set<String> = [
        "FLAT", "BIN_FLAT", "AUTOINDEX", "INVERTED", "BITMAP", "Trie", "STL_SORT",
    ]

    var definition: CollectionDefinition.Index {
        get throws(StoreError) {
            let described =
                [Parameter("index_type", indexType), Parameter("metric_type", metricType ?? "")]
                + (params ?? []).map(\.parameter)
            var index = try CollectionDefinition.Index(field: fieldName, described: described)
            index.isComplete = params != nil || Self.withoutParameters.contains(indexType)
            return index
        }
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
        case ("IntData", .integer(let value)):
            guard let value = Int32(exactly: value) else { return nil }
            self = .int(value)
        case ("LongData", .integer(let value)): self = .long(value)
        case ("FloatData", .number(let value)): self = .float(Float(value))
        case ("FloatData", .integer(let value)): self = .float(Float(value))
        case ("DoubleData", .number(let value)): self = .double(value)
        case ("DoubleData", .integer(let value)): self = .double(Double(value))
        case ("StringData", .text(let value)): self = .text(value)
        case ("BytesData", .text(let text)):
            guard let bytes = Data(base64Encoded: text) else { return nil }
            self = .bytes(Array(bytes))
        case ("TimestamptzData", .integer(let value)): self = .timestamptz(value)
        default: return nil
        }
    }
}
