import BackfillCore

/// A definition as `collections/create` wants it.
struct RESTCreation {
    /// Members of the request beside the collection's name.
    let members: [String: JSONValue]
    /// Properties that the request has no place for.
    let otherProperties: [Parameter]

    /// Properties by the names that they have among the request's `params`.
    private static let propertyNames = [
        "collection.ttl.seconds": "ttlSeconds", "partitionkey.isolation": "partitionKeyIsolation",
    ]

    init(_ definition: CollectionDefinition) {
        var params: [String: JSONValue] = [:]
        if let shards = definition.shards { params["shardsNum"] = .integer(Int64(shards)) }
        if let partitions = definition.partitions { params["partitionsNum"] = .integer(Int64(partitions)) }
        if let level = definition.consistency { params["consistencyLevel"] = .text(level.rawValue) }
        var others: [Parameter] = []
        for property in definition.properties {
            if let name = Self.propertyNames[property.name] {
                params[name] = .text(property.value)
            } else {
                others.append(property)
            }
        }
        otherProperties = others
        members = [
            "schema": .object([
                "autoID": .bool(false), "enableDynamicField": .bool(definition.hasDynamicField),
                "fields": .array(definition.fields.map(Self.field)),
                "functions": .array(definition.functions.map(Self.function)),
            ]),
            "indexParams": .array(definition.indexes.map(Self.index)), "params": .object(params),
        ]
    }

    private static func field(_ field: FieldSchema) -> JSONValue {
        var members: [String: JSONValue] = [
            "fieldName": .text(field.name), "dataType": .text(field.type.name), "isPrimary": .bool(field.isPrimaryKey),
            "isPartitionKey": .bool(field.isPartitionKey), "isClusteringKey": .bool(field.isClusteringKey),
            "nullable": .bool(field.isNullable),
            "elementTypeParams": JSONMembers.object(field.type.parameters + field.parameters),
        ]
        if case .array(let element, _) = field.type { members["elementDataType"] = .text(element.name) }
        switch field.defaultValue {
        case nil: break
        case .bool(let value): members["defaultValue"] = .bool(value)
        case .int(let value): members["defaultValue"] = .integer(Int64(value))
        case .long(let value), .timestamptz(let value): members["defaultValue"] = .integer(value)
        case .float(let value): members["defaultValue"] = .number(Double(value))
        case .double(let value): members["defaultValue"] = .number(value)
        case .text(let value): members["defaultValue"] = .text(value)
        case .bytes(let value): members["defaultValue"] = .text(String(decoding: value, as: UTF8.self))
        }
        return .object(members)
    }

    private static func function(_ function: CollectionDefinition.Function) -> JSONValue {
        .object([
            "name": .text(function.name), "type": .text(function.kind.rawValue),
            "inputFieldNames": .array(function.inputs.map(JSONValue.text)),
            "outputFieldNames": .array(function.outputs.map(JSONValue.text)),
            "params": JSONMembers.object(function.parameters),
        ])
    }

    private static func index(_ index: CollectionDefinition.Index) -> JSONValue {
        .object([
            "fieldName": .text(index.field), "indexName": .text(index.field), "indexType": .text(index.type),
            "metricType": .text(index.metric), "params": JSONMembers.object(index.parameters),
        ])
    }
}
