import BackfillCore

extension Form<CollectionRecipe> {
    /// `target.milvus.create`
    static var collectionRecipe: Self {
        .section { (create: Section<JobFileKeys.Create>, _) in
            if create.has(.like) { return .like(create.value(.like, .text) ?? "", changes(create)) }
            if create.has(.dims) {
                create.report(.dims, "has no effect without `like`; say a field's `dim` in `fields`")
            }
            return .described(definition(create))
        }
    }

    private static func changes(_ create: Section<JobFileKeys.Create>) -> CollectionChanges {
        for key in [JobFileKeys.Create.fields, .functions, .dynamicField] where create.has(key) {
            create.report(
                key, "does not go with `like`, which takes it from the other collection; remove one of the two")
        }
        let indexes = create.value(.indexes, .list(of: .index)) ?? []
        checkRepeated(indexes)
        var changes = CollectionChanges(indexes: indexes.map(\.index))
        create.read(.dims, .dictionary(of: .dimension), into: &changes.dimensions)
        changes.shards = create.value(.shards, .shards)
        changes.partitions = create.value(.partitions, .partitions)
        changes.consistency = create.value(.consistency, .choice)
        create.read(.properties, .parameters, into: &changes.properties)
        return changes
    }

    private static func definition(_ create: Section<JobFileKeys.Create>) -> CollectionDefinition {
        let fields = create.require(.fields, .nonEmptyList(of: .field)) ?? []
        let functions = create.value(.functions, .list(of: .function)) ?? []
        let indexes = create.value(.indexes, .list(of: .index)) ?? []
        checkNames(fields)
        checkPrimaryKey(fields, create)
        checkPartitionKey(fields, create)
        functions.forEach { check($0, fields) }
        checkOutputs(functions, fields)
        indexes.forEach { check($0, fields) }
        checkRepeated(indexes)
        let outputs = Set(functions.flatMap(\.function.outputs))
        var definition = CollectionDefinition(
            fields: fields.map { entry in
                var schema = entry.schema
                schema.isFunctionOutput = outputs.contains(schema.name)
                return schema
            }, functions: functions.map(\.function), indexes: indexes.map(\.index))
        create.read(.dynamicField, .flag, into: &definition.hasDynamicField)
        definition.shards = create.value(.shards, .shards)
        definition.partitions = create.value(.partitions, .partitions)
        definition.consistency = create.value(.consistency, .choice)
        create.read(.properties, .parameters, into: &definition.properties)
        return definition
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

    private static func checkPartitionKey(_ fields: [FieldEntry], _ create: Section<JobFileKeys.Create>) {
        let keys = fields.filter(\.schema.isPartitionKey)
        guard let first = keys.first else {
            if create.has(.partitions) {
                create.report(
                    .partitions, "needs a field with `partitionKey: true`, whose values it spreads; remove it")
            }
            return
        }
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

    private static func check(_ function: FunctionEntry, _ fields: [FieldEntry]) {
        for (key, names) in [
            (JobFileKeys.Function.inputs, function.function.inputs), (.outputs, function.function.outputs),
        ] {
            for name in names where !fields.contains(where: { $0.schema.name == name }) {
                function.section.report(
                    key, "names `\(name)`, which is none of the fields",
                    suggestion: NearMiss.nearest(to: name, in: fields.compactMap { $0.section.written(.name) }))
            }
        }
    }

    /// The server computes an output, so that no record names its row by it or sends it to a partition.
    private static func checkOutputs(_ functions: [FunctionEntry], _ fields: [FieldEntry]) {
        for function in functions {
            for field in fields
            where function.function.outputs.contains(field.schema.name)
                && (field.schema.isPrimaryKey || field.schema.isPartitionKey)
            {
                let role = field.schema.isPrimaryKey ? "primary" : "partition"
                function.section.report(
                    .outputs, "names `\(field.schema.name)`, the \(role) key; its value comes from the records")
            }
        }
    }

    private static func checkRepeated(_ indexes: [IndexEntry]) {
        var seen: Set<String> = []
        for index in indexes where !index.index.field.isEmpty && !seen.insert(index.index.field).inserted {
            index.section.report(.field, "has an index already; a field takes one")
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
        let isVector = field.schema.type.isVector
        if isVector, !index.section.has(.metric) {
            index.section.report(.metric, "is required for a vector field")
        } else if !isVector, index.section.has(.metric) {
            index.section.report(.metric, "is for vector fields only; remove it")
        }
    }
}

extension Form<Int> {
    fileprivate static var shards: Self { .integer(in: 1...64) }

    fileprivate static var partitions: Self { .integer(in: 1...4096) }
}
