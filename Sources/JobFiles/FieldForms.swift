import BackfillCore

extension Form<FieldEntry> {
    /// An item of `target.milvus.create.fields`
    static var field: Self {
        .section { (field: Section<JobFileKeys.Field>, _) in
            var schema = FieldSchema(name: field.require(.name, .text) ?? "", type: type(of: field))
            field.read(.primaryKey, .flag, into: &schema.isPrimaryKey)
            field.read(.partitionKey, .flag, into: &schema.isPartitionKey)
            field.read(.nullable, .flag, into: &schema.isNullable)
            field.read(.params, .parameters, into: &schema.parameters)
            schema.defaultValue = defaultValue(of: field, schema)
            return FieldEntry(schema: schema, section: field)
        }
    }

    private static func type(of field: Section<JobFileKeys.Field>) -> FieldType {
        let name: FieldTypeName? = field.require(.type, .choice)
        let element = field.value(.elementType, .arrayElement)
        let limits = FieldTypeName.Limits(
            maxLength: field.value(.maxLength, .integer(in: 1...65_535)) ?? 65_535,
            maxCapacity: field.value(.maxCapacity, .integer(in: 1...4096)) ?? 1,
            dimension: field.value(.dim, .dimension) ?? 8)
        guard let name else { return .unsupported("") }
        if name == .binaryVector, !limits.dimension.isMultiple(of: 8) {
            field.report(.dim, "must be a multiple of 8 with the type `BinaryVector`: its elements are bits")
        }
        checkLimits(of: field, name, element)
        return name.type(limits, element: element)
    }

    private static func defaultValue(of field: Section<JobFileKeys.Field>, _ schema: FieldSchema) -> DefaultValue? {
        guard field.has(.default) else { return nil }
        if schema.isPrimaryKey {
            field.report(.default, "does not go with `primaryKey`; every row needs a key of its own")
            return nil
        }
        switch schema.type {
        case .bool: return field.value(.default, .flag).map(DefaultValue.bool)
        case .int8: return field.value(.default, .integer(in: -128...127)).map(DefaultValue.int)
        case .int16: return field.value(.default, .integer(in: -32_768...32_767)).map(DefaultValue.int)
        case .int32: return field.value(.default, .integer(in: Int32.min...Int32.max)).map(DefaultValue.int)
        case .int64: return field.value(.default, .integer(in: Int64.min...Int64.max)).map(DefaultValue.long)
        case .float: return field.value(.default, .float).map(DefaultValue.float)
        case .double: return field.value(.default, .number).map(DefaultValue.double)
        case .varChar(let maxLength): return field.value(.default, .text(maxLength: maxLength)).map(DefaultValue.text)
        case .unsupported: return nil
        default:
            field.report(.default, "does not go with the type `\(schema.type.name)`; remove it")
            return nil
        }
    }

    /// Every key that the type needs is there, and none that says nothing about it.
    private static func checkLimits(
        of field: Section<JobFileKeys.Field>, _ name: FieldTypeName, _ element: FieldTypeName?
    ) {
        let elementNeeds = name == .array ? element?.limits ?? [] : []
        let needed = name.limits + elementNeeds
        // With an element type that could not be read, nobody knows whether its limits are needed.
        let isUncertain = name == .array && element == nil
        for key in [JobFileKeys.Field.maxLength, .dim, .elementType, .maxCapacity] {
            if needed.contains(key), !field.has(key) {
                field.report(key, "is required with the type `\(name.rawValue)`")
            } else if !needed.contains(key), field.has(key), !(isUncertain && key == .maxLength) {
                field.report(key, "does not go with the type `\(name.rawValue)`; remove it")
            }
        }
    }
}

extension Form<Int> {
    /// How many elements a vector has.
    static var dimension: Self { .integer(in: 1...32_768) }
}

extension Form<FieldTypeName> {
    /// A type that an array may hold.
    fileprivate static var arrayElement: Self {
        let words = FieldTypeName.arrayElements.map(\.rawValue)
        return .scalar("one of \(words.quotedList)", spellings: words) { scalar in
            FieldTypeName.arrayElements.first { $0.rawValue == scalar.text }
        }
    }
}
