import BackfillCore

extension Form<FieldEntry> {
    /// An item of `target.milvus.create.fields`
    static var field: Self {
        .section { (field: Section<JobFileKeys.Field>, _) in
            var schema = FieldSchema(name: field.require(.name, .text) ?? "", type: type(of: field))
            field.read(.primaryKey, .flag, into: &schema.isPrimaryKey)
            field.read(.partitionKey, .flag, into: &schema.isPartitionKey)
            field.read(.nullable, .flag, into: &schema.isNullable)
            return FieldEntry(schema: schema, section: field)
        }
    }

    private static func type(of field: Section<JobFileKeys.Field>) -> FieldType {
        let name: FieldTypeName? = field.require(.type, .choice)
        let element = field.value(.elementType, .arrayElement)
        let limits = FieldTypeName.Limits(
            maxLength: field.value(.maxLength, .integer(in: 1...65_535)) ?? 1,
            maxCapacity: field.value(.maxCapacity, .integer(in: 1...4096)) ?? 1,
            dimension: field.value(.dim, .integer(in: 1...32_768)) ?? 1)
        guard let name else { return .unsupported("") }
        checkLimits(of: field, name, element)
        return name.type(limits, element: element)
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

extension Form<FieldTypeName> {
    /// A type that an array may hold.
    fileprivate static var arrayElement: Self {
        let words = FieldTypeName.arrayElements.map(\.rawValue)
        return .scalar("one of \(words.quotedList)", spellings: words) { scalar in
            FieldTypeName.arrayElements.first { $0.rawValue == scalar.text }
        }
    }
}
