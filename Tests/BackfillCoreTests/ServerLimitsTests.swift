import BackfillCore
import Testing

@Suite("What a server does not take")
struct ServerLimitsTests {
    private static let fields = [
        FieldSchema(name: "id", type: .int64, isPrimaryKey: true),
        FieldSchema(name: "title", type: .varChar(maxLength: 10), isNullable: true),
        FieldSchema(name: "place", type: .geometry, isNullable: true),
        FieldSchema(name: "dense", type: .vector(.float16, dimension: 4)),
        FieldSchema(name: "terms", type: .sparseFloatVector, isFunctionOutput: true),
    ]

    private static let definition = CollectionDefinition(
        fields: fields,
        functions: [
            CollectionDefinition.Function(name: "words", kind: .bm25, inputs: ["title"], outputs: ["terms"])
        ], shards: 4, partitions: 16, consistency: .bounded)

    private func limits(_ missing: ServerLimits.Feature..., types: Set<String> = []) -> ServerLimits {
        ServerLimits(name: "Milvus 2.3", missing: Set(missing), missingTypes: types)
    }

    @Test("is nothing, unless it is said")
    func nothing() {
        #expect(limits().findings(on: Self.fields) == [])
        #expect(limits().findings(on: Self.definition) == [])
        #expect(limits().warnings(on: Self.definition) == [])
    }

    @Test("may be the type of a field, whose limits do not matter")
    func types() {
        let expected = [
            "field `place` is of type Geometry, which Milvus 2.3 does not hold",
            "field `dense` is of type Float16Vector(4), which Milvus 2.3 does not hold",
        ]
        let limits = limits(types: ["Geometry", "Float16Vector", "Timestamptz"])
        #expect(limits.findings(on: Self.fields) == expected)
        #expect(limits.findings(on: Self.definition) == expected)
    }

    @Test(
        "may be what a collection that is to be made needs",
        arguments: [
            (
                ServerLimits.Feature.nullableFields,
                [
                    "field `title` is nullable, which Milvus 2.3 does not have",
                    "field `place` is nullable, which Milvus 2.3 does not have",
                ]
            ),
            (
                .severalVectorFields,
                ["there are 2 vector fields (`dense`, `terms`), and Milvus 2.3 takes one"]
            ),
            (.functions, ["function `words` is there, and Milvus 2.3 has no functions"]),
        ])
    func features(feature: ServerLimits.Feature, findings: [String]) {
        #expect(limits(feature).findings(on: Self.definition) == findings)
        #expect(limits(feature).findings(on: Self.fields) == [], "a collection that is there has its fields")
        let plain = CollectionDefinition(fields: [Self.fields[0], Self.fields[3]])
        #expect(limits(feature).findings(on: plain) == [])
    }

    @Test("is all found at once")
    func everything() {
        let limits = limits(.nullableFields, .severalVectorFields, .functions, types: ["SparseFloatVector"])
        #expect(
            limits.findings(on: Self.definition) == [
                "field `terms` is of type SparseFloatVector, which Milvus 2.3 does not hold",
                "field `title` is nullable, which Milvus 2.3 does not have",
                "field `place` is nullable, which Milvus 2.3 does not have",
                "there are 2 vector fields (`dense`, `terms`), and Milvus 2.3 takes one",
                "function `words` is there, and Milvus 2.3 has no functions",
            ])
    }

    @Test("may be something that it passes over without a word, of which the person hears")
    func warnings() {
        let all = limits(.shards, .consistencyLevels, .partitionCounts)
        #expect(
            all.warnings(on: Self.definition) == [
                "Milvus 2.3 makes the collection without 4 shards",
                "Milvus 2.3 makes the collection without the consistency level Bounded",
                "Milvus 2.3 makes the collection without 16 partitions",
            ])
        #expect(all.findings(on: Self.definition) == [])
        #expect(all.warnings(on: CollectionDefinition(fields: Self.fields)) == [])
        #expect(all.warnings(on: CollectionDefinition(fields: Self.fields, shards: 1)) == [], "one is what it makes")
        #expect(
            limits(.shards).warnings(on: Self.definition) == ["Milvus 2.3 makes the collection without 4 shards"])
    }

    @Test(
        "that has to do with rows only stops no collection",
        arguments: [
            ServerLimits.Feature.absentValues, .jsonArrays, .jsonScalars, .emptySparseVectors, .nullSparseVectors,
            .anyGeometry, .exactDynamicNumbers,
        ])
    func rows(feature: ServerLimits.Feature) {
        #expect(limits(feature).findings(on: Self.definition) == [])
        #expect(limits(feature).warnings(on: Self.definition) == [])
    }
}
