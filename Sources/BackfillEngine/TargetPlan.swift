public import BackfillCore

/// What is found out about a job's collection before anything is written.
public struct TargetPlan: Sendable {
    /// The collection as it is, or as the job would make it.
    public var schema: CollectionSchema
    public var limits: ServerLimits
    /// What is worth knowing and stops nothing; sentences without a full stop.
    public var warnings: [String] = []
    /// Why no job can write there; sentences without a full stop.
    var findings: [String] = []
    /// Whether the collection is there and its rows cannot be read.
    private(set) var isNotLoaded = false
    /// How the collection is to be made; nil when it is there.
    private var definition: CollectionDefinition?
    private var missingPartition: String?

    /// A collection that is not there.
    ///
    /// - Parameters:
    ///   - definition: how it is to be made.
    ///   - limits: those of the server that is to make it.
    public init(_ target: MilvusTarget, missing definition: CollectionDefinition, limits: ServerLimits) {
        self.init(target, definition.schema(name: target.collection), limits)
        self.definition = definition
        findings += limits.findings(on: definition)
        warnings += limits.warnings(on: definition)
        missingPartition = target.partition
    }

    /// Looks at the collection.
    ///
    /// - Parameter readsRows: rows are going to be read; where the server is the job's own, nobody else would load them.
    /// - Throws: `StoreError.missing` when there is none and the job does not say how to make it.
    public init(
        _ target: MilvusTarget, readsRows: Bool = false, in store: some CollectionStore
    ) async throws(StoreError) {
        do throws(StoreError) {
            self.init(target, try await store.describe(), store.limits)
        } catch .missing(let text) {
            var findings: [String] = []
            let definition = try await Self.definition(of: target, in: store, missing: text, findings: &findings)
            self.init(target, missing: definition, limits: store.limits)
            self.findings += findings
            try await checkAlias(of: target, in: store)
            return
        }
        if let partition = target.partition, schema.partitionKey == nil, try await !store.hasPartition(partition) {
            missingPartition = partition
            if target.create == nil {
                findings.append(
                    "it has no partition `\(partition)` (target.milvus.partition): create it, or give "
                        + "target.milvus.create so that the job does")
            }
        }
        try await checkNames(of: target, in: store)
        try await checkLoadState(of: target, readsRows, in: store)
        if case .described(let definition) = target.create {
            try await checkIndexes(definition.indexes, in: store)
        }
    }

    /// Looks at the collection of a job that has begun.
    ///
    /// - Throws: `EngineError` when what the job has written to is gone: it is not made again, since the rows written so
    ///   far would be missing.
    public static func resumed(
        _ target: MilvusTarget, readsRows: Bool = false, in store: some CollectionStore
    ) async throws -> TargetPlan {
        do throws(StoreError) {
            _ = try await store.describe()
        } catch .missing {
            throw EngineError.collectionGone(target.collection)
        }
        let plan = try await TargetPlan(target, readsRows: readsRows, in: store)
        if let partition = plan.missingPartition {
            throw EngineError.partitionGone(partition, collection: target.collection)
        }
        return plan
    }

    private mutating func checkNames(of target: MilvusTarget, in store: some CollectionStore) async throws(StoreError) {
        do throws(StoreError) {
            if let real = try await store.collection(ofAlias: target.collection) {
                warnings.append(
                    "`\(target.collection)` is an alias of collection `\(real)`: when it is moved during the job, the rest of "
                        + "the rows goes to another collection: name the collection itself")
            }
        } catch .fatal(let text) {
            // Whoever may write need not be allowed to ask this.
            warnings.append("nothing tells whether `\(target.collection)` is an alias: \(text)")
        }
        try await checkAlias(of: target, in: store)
    }

    private mutating func checkAlias(of target: MilvusTarget, in store: some CollectionStore) async throws(StoreError) {
        guard let alias = target.alias else { return }
        do throws(StoreError) {
            guard try await store.collection(ofAlias: alias) == nil else { return }
            _ = try await store.describe(alias)
            warnings.append(
                "`\(alias)` (target.milvus.alias) is the name of a collection, so it can be no alias: `finish` will refuse it"
            )
        } catch .missing {
            // A new one.
        } catch .fatal(let text) {
            warnings.append("nothing tells whether alias `\(alias)` can be set: \(text)")
        }
    }

    private mutating func checkLoadState(
        of target: MilvusTarget, _ readsRows: Bool, in store: some CollectionStore
    ) async throws(StoreError) {
        do throws(StoreError) {
            isNotLoaded = try await store.loadState() == .notLoaded
            guard isNotLoaded else { return }
            if readsRows, case .embedded = target.endpoint {
                // A Milvus Lite that was started again has nothing loaded.
                try await store.load()
                try await Self.waitUntilLoaded(store)
                isNotLoaded = false
                return
            }
            warnings.append(
                "collection `\(schema.name)` is not loaded: rows are written all the same, and found once it is")
        } catch .fatal(let text) {
            // Whoever may write need not be allowed to ask this.
            warnings.append("nothing tells whether collection `\(schema.name)` is loaded: \(text)")
        }
    }

    /// A run that was killed while it made the collection leaves it without some of its indexes.
    private mutating func checkIndexes(
        _ indexes: [CollectionDefinition.Index], in store: some CollectionStore
    ) async throws(StoreError) {
        guard !indexes.isEmpty else { return }
        let present: [CollectionDefinition.Index]
        do throws(StoreError) {
            present = try await store.definition(of: schema.name).indexes
        } catch .fatal(let text) {
            warnings.append("nothing tells which indexes collection `\(schema.name)` has: \(text)")
            return
        }
        for index in indexes where !present.contains(where: { $0.field == index.field }) {
            warnings.append(
                "collection `\(schema.name)` is there, and its field `\(index.field)` has none of the indexes that "
                    + "target.milvus.create describes: make it before the collection is searched")
        }
    }

    /// What the server has not made as it was asked to, without a word.
    private mutating func checkMade(like asked: CollectionSchema) {
        for field in asked.fields {
            guard let made = schema.fields.first(where: { $0.name == field.name }) else {
                findings.append("the server has made it without the field `\(field.name)`")
                continue
            }
            if field.isFunctionOutput, !made.isFunctionOutput {
                findings.append("the server has made it without the function that fills `\(field.name)`")
            } else if field.isOptional, !made.isOptional {
                findings.append(
                    "the server has made field `\(field.name)` one that every row needs, and it was to be "
                        + (field.isNullable ? "nullable" : "one with a default"))
            }
        }
    }

    private init(_ target: MilvusTarget, _ schema: CollectionSchema, _ limits: ServerLimits) {
        self.schema = schema
        self.limits = limits
        if let partition = target.partition, let key = schema.partitionKey {
            findings.append(
                "its partition key `\(key.name)` decides where a row goes, so partition `\(partition)` cannot be named: "
                    + "remove target.milvus.partition")
        }
    }

    /// Makes what is missing, and waits until it can be searched.
    ///
    /// - Returns: the plan for what is there now.
    public func made(_ target: MilvusTarget, in store: some CollectionStore) async throws(StoreError) -> TargetPlan {
        guard definition != nil || missingPartition != nil else { return self }
        if let definition {
            try await Self.create(definition, schema.name, in: store)
            if !definition.indexes.isEmpty { try await Self.waitUntilLoaded(store) }
        }
        if let missingPartition { try await store.createPartition(missingPartition) }
        var plan = try await TargetPlan(target, in: store)
        plan.warnings = warnings + plan.warnings.filter { !warnings.contains($0) }
        plan.checkMade(like: schema)
        return plan
    }

    private static func create(
        _ definition: CollectionDefinition, _ name: String, in store: some CollectionStore
    ) async throws(StoreError) {
        do throws(StoreError) {
            try await store.create(definition)
        } catch {
            // The next run would take the collection as it is, without the indexes that were refused.
            guard (try? await store.describe()) != nil else { throw error }
            let text =
                "collection `\(name)` was made, but not all that belongs to it: \(error): complete it or drop it, and run "
                + "the job again"
            switch error {
            case .transient: throw .transient(text)
            case .quota: throw .quota(text)
            case .cancelled: throw .cancelled
            case .tooLarge, .refusedRows, .unexpected, .missing, .schemaChanged, .fatal: throw .fatal(text)
            }
        }
    }

    /// For an empty collection.
    private static let loadTime = Duration.seconds(120)

    private static func waitUntilLoaded(_ store: some CollectionStore) async throws(StoreError) {
        let clock = ContinuousClock()
        let start = clock.now
        while try await store.loadState() != .loaded {
            guard start.duration(to: clock.now) < loadTime else {
                throw .transient("the new collection is not loaded after \(loadTime)")
            }
            do {
                try await clock.sleep(for: .milliseconds(50))
            } catch {
                throw .cancelled
            }
        }
    }

    private static func definition(
        of target: MilvusTarget, in store: some CollectionStore, missing text: String, findings: inout [String]
    ) async throws(StoreError) -> CollectionDefinition {
        switch target.create {
        case nil:
            throw .missing(
                "collection `\(target.collection)` does not exist (\(text)): create it, or describe it under "
                    + "target.milvus.create so that the job does")
        case .described(let definition): return definition
        case .like(let original, let changes):
            do throws(StoreError) {
                return changes.applied(
                    to: try await store.definition(of: original), named: original, findings: &findings)
            } catch .missing(let text) {
                throw .missing(
                    "collection `\(original)`, which the new one is to be like (target.milvus.create.like), does not "
                        + "exist (\(text))")
            }
        }
    }
}
