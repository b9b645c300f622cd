import BackfillCore

extension Form<CollectionDefinition> {
    /// `target.milvus.create`
    static var collectionDefinition: Self {
        .section { (create: Section<JobFileKeys.Create>, _) in
            let fields = create.require(.fields, .nonEmptyList(of: .field)) ?? []
            let indexes = create.value(.indexes, .list(of: .index)) ?? []
            checkNames(fields)
            checkPrimaryKey(fields, create)
            checkPartitionKey(fields)
            indexes.forEach { check($0, fields) }
            var definition = CollectionDefinition(fields: fields.map(\.schema), indexes: indexes.map(\.index))
            create.read(.dynamicField, .flag, into: &definition.hasDynamicField)
            return definition
        }
    }

    private static func checkNames(_ fields: [FieldEntry]) {
        var seen: Set<String> = []
        for field in fields where !field.schema.name.isEmpty && !seen.insert(field.schema.name).inserted {
            field.section.report(.name, "belongs to another field already; give every field its own name")
        }
    }

    private static func checkPrimaryKey(_ fields: [FieldEntry], _ create: Section<JobFileKeys.Create>) {
        let keys = fields.filter(\.schema.isPrimaryKey)
        guard let first = keys.first else {
            // A field that could not be read may be the one.
            if !fields.isEmpty, !fields.contains(where: { $0.section.has(.primaryKey) }) {
                create.report(.fields, "needs one field with `primaryKey: true`, of type `Int64` or `VarChar`")
            }
            return
        }
        for field in keys.dropFirst() {
            field.section.report(.primaryKey, "is one too many; `\(first.section.node.path)` is the primary key")
        }
        for field in keys {
            field.checkKeyType("primary key")
            if field.schema.isNullable {
                field.section.report(.nullable, "does not go with `primaryKey`; every row needs its key")
            }
        }
    }

    private static func checkPartitionKey(_ fields: [FieldEntry]) {
        let keys = fields.filter(\.schema.isPartitionKey)
        guard let first = keys.first else { return }
        for field in keys.dropFirst() {
            let sentence = "is one too many; `\(first.section.node.path)` is the partition key"
            field.section.report(.partitionKey, sentence)
        }
        for field in keys {
            field.checkKeyType("partition key")
            if field.schema.isPrimaryKey {
                field.section.report(.partitionKey, "does not go with `primaryKey`; choose another field")
            }
        }
    }

    private static func check(_ index: IndexEntry, _ fields: [FieldEntry]) {
        guard let field = fields.first(where: { $0.schema.name == index.index.field }) else {
            if let name = index.section.written(.field) {
                index.section.report(
                    .field, "names none of the fields",
                    suggestion: NearMiss.nearest(to: name, in: fields.compactMap { $0.section.written(.name) }))
            }
            return
        }
        let isVector = if case .floatVector = field.schema.type { true } else { false }
        if isVector, !index.section.has(.metric) {
            index.section.report(.metric, "is required for a vector field")
        } else if !isVector, index.section.has(.metric) {
            index.section.report(.metric, "is for vector fields only; remove it")
        }
    }
}
