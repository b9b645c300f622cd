/// What a server, or the way to it, does not take although Milvus as such does. A collection or a row that needs it is
/// refused by name before anything is sent: the server would refuse the whole request, store something else, or crash.
public struct ServerLimits: Sendable, Equatable {
    public enum Feature: Sendable, Hashable, CaseIterable {
        case nullableFields
        /// The server fills in the default value of a field that a row leaves out.
        case absentValues
        case severalVectorFields
        case functions
        /// A JSON field holds arrays too, and not only objects.
        case jsonArrays
        /// A JSON field holds text, numbers and truth values too.
        case jsonScalars
        /// A sparse vector may be empty.
        case emptySparseVectors
        /// A nullable sparse vector may be null.
        case nullSparseVectors
        /// A null vector is read back as null, and not as zeros.
        case nullVectorsReadBack
        /// Geometries may be others than points, and polygons of one ring.
        case anyGeometry
        /// Numbers of the dynamic field arrive as they were written.
        case exactDynamicNumbers
        /// A collection can have more than one shard.
        case shards
        /// A collection has a consistency level of its own.
        case consistencyLevels
        /// A collection can say how many partitions its partition key has.
        case partitionCounts
    }

    /// Names the server or the way to it in a sentence.
    public var name: String
    public var missing: Set<Feature>
    /// Names of the types that no field can have.
    public var missingTypes: Set<String>

    public init(name: String, missing: Set<Feature> = [], missingTypes: Set<String> = []) {
        self.name = name
        self.missing = missing
        self.missingTypes = missingTypes
    }

    /// Why no row can be written into a collection with these fields: a sentence without a full stop for each reason.
    public func findings(on fields: [FieldSchema]) -> [String] {
        fields.filter { missingTypes.contains($0.type.name) }.map {
            "field `\($0.name)` is of type \($0.type), which \(name) does not hold"
        }
    }

    /// Why the collection cannot be made: a sentence without a full stop for each reason.
    public func findings(on definition: CollectionDefinition) -> [String] {
        var findings = findings(on: definition.fields)
        func refuse(_ field: FieldSchema, _ what: String) {
            findings.append("field `\(field.name)` \(what), which \(name) does not have")
        }
        for field in definition.fields {
            if case .unsupported = field.type, field.isFunctionOutput {
                findings.append("field `\(field.name)` is of type \(field.type), which this version does not know")
            }
            if field.isNullable, missing.contains(.nullableFields) { refuse(field, "is nullable") }
        }
        let vectors = definition.fields.filter(\.type.isVector).map(\.name)
        if vectors.count > 1, missing.contains(.severalVectorFields) {
            findings.append(
                "there are \(vectors.count) vector fields (`\(vectors.joined(separator: "`, `"))`), and \(name) takes one"
            )
        }
        if missing.contains(.functions) {
            findings += definition.functions.map { "function `\($0.name)` is there, and \(name) has no functions" }
        }
        return findings
    }

    /// What of the definition the server passes over without a word.
    public func warnings(on definition: CollectionDefinition) -> [String] {
        var ignored: [String] = []
        if let shards = definition.shards, shards > 1, missing.contains(.shards) { ignored.append("\(shards) shards") }
        if let level = definition.consistency, missing.contains(.consistencyLevels) {
            ignored.append("the consistency level \(level.rawValue)")
        }
        if let count = definition.partitions, missing.contains(.partitionCounts) {
            ignored.append("\(count) partitions")
        }
        return ignored.map { "\(name) makes the collection without \($0)" }
    }
}
