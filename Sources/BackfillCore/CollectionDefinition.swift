/// A collection to be made: everything that a server is told when it makes one.
public struct CollectionDefinition: Sendable, Equatable {
    /// A function by which the server computes fields from others.
    public struct Function: Sendable, Equatable {
        /// The kinds of functions that compute fields. The raw value is the server's name.
        public enum Kind: String, Sendable, CaseIterable {
            case bm25 = "BM25"
            case textEmbedding = "TextEmbedding"
            case minHash = "MinHash"
        }

        public var name: String
        public var kind: Kind
        public var inputs: [String]
        public var outputs: [String]
        public var parameters: [Parameter]

        public init(name: String, kind: Kind, inputs: [String], outputs: [String], parameters: [Parameter] = []) {
            self.name = name
            self.kind = kind
            self.inputs = inputs
            self.outputs = outputs
            self.parameters = parameters
        }
    }

    public struct Index: Sendable, Equatable {
        public var field: String
        public var type: String
        /// Empty for a field that is no vector.
        public var metric: String
        /// Further parameters, sorted by name.
        public var parameters: [Parameter]
        /// Whether these are all: not every server tells the parameters of an index.
        public var isComplete = true

        public init(field: String, type: String, metric: String, parameters: [Parameter] = []) {
            self.field = field
            self.type = type
            self.metric = metric
            self.parameters = parameters
        }
    }

    /// How recent the rows are that a search sees, where it does not say. The raw value is the server's name.
    public enum Consistency: String, Sendable, CaseIterable {
        case strong = "Strong"
        case session = "Session"
        case bounded = "Bounded"
        case eventually = "Eventually"
    }

    public var fields: [FieldSchema]
    public var functions: [Function]
    public var hasDynamicField: Bool
    public var indexes: [Index]
    /// nil: one.
    public var shards: Int?
    /// How many partitions the partition key spreads the rows over; nil: the server's choice.
    public var partitions: Int?
    /// nil: bounded.
    public var consistency: Consistency?
    /// Sorted by name.
    public var properties: [Parameter]

    public init(
        fields: [FieldSchema], functions: [Function] = [], hasDynamicField: Bool = false, indexes: [Index] = [],
        shards: Int? = nil, partitions: Int? = nil, consistency: Consistency? = nil, properties: [Parameter] = []
    ) {
        self.fields = fields
        self.functions = functions
        self.hasDynamicField = hasDynamicField
        self.indexes = indexes
        self.shards = shards
        self.partitions = partitions
        self.consistency = consistency
        self.properties = properties
    }

    /// The collection as its server will describe it.
    public func schema(name: String) -> CollectionSchema {
        CollectionSchema(name: name, id: 0, fields: fields, hasDynamicField: hasDynamicField)
    }
}

/// Where the definition of a missing collection comes from.
public enum CollectionRecipe: Sendable, Equatable {
    /// The job file describes it.
    case described(CollectionDefinition)
    /// As another collection of the same database is, but for the changes.
    case like(String, CollectionChanges)
}

/// In what a collection differs from the one that it is made like. What is not set stays.
public struct CollectionChanges: Sendable, Equatable {
    /// Dimensions of vector fields by the field's name.
    public var dimensions: [String: Int]
    /// Each in place of the indexes that its field has.
    public var indexes: [CollectionDefinition.Index]
    public var shards: Int?
    public var partitions: Int?
    public var consistency: CollectionDefinition.Consistency?
    /// Each in place of the property of its name.
    public var properties: [Parameter]

    public init(
        dimensions: [String: Int] = [:], indexes: [CollectionDefinition.Index] = [], shards: Int? = nil,
        partitions: Int? = nil, consistency: CollectionDefinition.Consistency? = nil, properties: [Parameter] = []
    ) {
        self.dimensions = dimensions
        self.indexes = indexes
        self.shards = shards
        self.partitions = partitions
        self.consistency = consistency
        self.properties = properties
    }

    /// The definition with the changes.
    ///
    /// - Parameter findings: gets a sentence without a full stop for each change that does not fit.
    public func applied(
        to original: CollectionDefinition, named name: String, findings: inout [String]
    ) -> CollectionDefinition {
        var changed = original
        func index(of field: String) -> Int? {
            let index = changed.fields.firstIndex { $0.name == field }
            if index == nil {
                findings.append("collection `\(name)`, which the new one is to be like, has no field `\(field)`")
            }
            return index
        }
        for (field, dimension) in dimensions.sorted(by: { $0.key < $1.key }) {
            guard let index = index(of: field) else { continue }
            if case .vector(let element, _) = changed.fields[index].type {
                changed.fields[index].type = .vector(element, dimension: dimension)
                if element == .binary, !dimension.isMultiple(of: 8) {
                    findings.append(
                        "field `\(field)` of collection `\(name)` is of type BinaryVector, whose elements are bits: "
                            + "its dimension must be a multiple of 8, not \(dimension)")
                }
            } else {
                findings.append(
                    "field `\(field)` of collection `\(name)` is of type \(changed.fields[index].type), which has no "
                        + "dimension to change")
            }
        }
        for new in indexes where index(of: new.field) != nil {
            changed.indexes.removeAll { $0.field == new.field }
        }
        changed.indexes += indexes
        for index in changed.indexes where !index.isComplete {
            findings.append(
                "the index of field `\(index.field)` of collection `\(name)` (\(index.type)) cannot be copied, since the "
                    + "server does not tell its parameters: give it under target.milvus.create.indexes, or set "
                    + "target.milvus.protocol to `grpc`")
        }
        for index in indexes {
            guard let type = changed.fields.first(where: { $0.name == index.field })?.type else { continue }
            if type.isVector == index.metric.isEmpty {
                findings.append(
                    type.isVector
                        ? "the index of field `\(index.field)` needs a `metric`, as every one of a vector field"
                        : "the index of field `\(index.field)` has a `metric`, which is for vector fields only")
            }
        }
        if partitions != nil, !changed.fields.contains(where: \.isPartitionKey) {
            findings.append("collection `\(name)` has no partition key, whose `partitions` could be counted")
        }
        changed.shards = shards ?? changed.shards
        changed.partitions = partitions ?? changed.partitions
        changed.consistency = consistency ?? changed.consistency
        let names = Set(properties.map(\.name))
        changed.properties = (changed.properties.filter { !names.contains($0.name) } + properties)
            .sorted { $0.name < $1.name }
        return changed
    }
}
