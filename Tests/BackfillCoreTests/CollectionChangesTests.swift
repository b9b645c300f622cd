import BackfillCore
import Testing

@Suite("A collection like another one")
struct CollectionChangesTests {
    private typealias Index = CollectionDefinition.Index

    private static let original = CollectionDefinition(
        fields: [
            FieldSchema(name: "id", type: .int64, isPrimaryKey: true),
            FieldSchema(
                name: "title", type: .varChar(maxLength: 10), parameters: [Parameter("enable_analyzer", "true")]),
            FieldSchema(name: "dense", type: .vector(.bfloat16, dimension: 4)),
            FieldSchema(name: "bits", type: .vector(.binary, dimension: 8)),
            FieldSchema(name: "terms", type: .sparseFloatVector, isFunctionOutput: true),
        ],
        functions: [
            CollectionDefinition.Function(name: "words", kind: .bm25, inputs: ["title"], outputs: ["terms"])
        ],
        hasDynamicField: true,
        indexes: [
            Index(field: "dense", type: "HNSW", metric: "L2", parameters: [Parameter("M", "8")]),
            Index(field: "title", type: "INVERTED", metric: ""), Index(field: "dense", type: "FLAT", metric: "IP"),
        ],
        shards: 2, partitions: 16, consistency: .session,
        properties: [Parameter("collection.ttl.seconds", "60"), Parameter("mmap.enabled", "true")])

    private func changed(_ changes: CollectionChanges) -> (definition: CollectionDefinition, findings: [String]) {
        var findings: [String] = []
        let definition = changes.applied(to: Self.original, named: "old", findings: &findings)
        return (definition, findings)
    }

    @Test("is the same where nothing is changed")
    func unchanged() {
        let (definition, findings) = changed(CollectionChanges())
        #expect(definition == Self.original)
        #expect(findings == [])
    }

    @Test("may have vectors of other dimensions, of the same elements")
    func dimensions() {
        let (definition, findings) = changed(CollectionChanges(dimensions: ["dense": 768, "bits": 16]))
        var expected = Self.original
        expected.fields[2].type = .vector(.bfloat16, dimension: 768)
        expected.fields[3].type = .vector(.binary, dimension: 16)
        #expect(definition == expected)
        #expect(findings == [])
    }

    @Test("may have other indexes of a field, in place of all that it had")
    func indexes() {
        let new = [
            Index(field: "dense", type: "DISKANN", metric: "COSINE"), Index(field: "id", type: "STL_SORT", metric: ""),
        ]
        let (definition, findings) = changed(CollectionChanges(indexes: new))
        var expected = Self.original
        expected.indexes = [Self.original.indexes[1]] + new
        #expect(definition == expected)
        #expect(findings == [])
    }

    @Test("may have other numbers and another consistency level")
    func numbers() {
        let changes = CollectionChanges(shards: 8, partitions: 64, consistency: .eventually)
        var original = Self.original
        var findings: [String] = []
        _ = changes.applied(to: original, named: "old", findings: &findings)
        #expect(findings == ["collection `old` has no partition key, whose `partitions` could be counted"])
        original.fields[0].isPartitionKey = true
        findings = []
        let definition = changes.applied(to: original, named: "old", findings: &findings)
        var expected = original
        (expected.shards, expected.partitions, expected.consistency) = (8, 64, .eventually)
        #expect(definition == expected)
        #expect(findings == [])
    }

    @Test("may not have an index that says too little or too much, or that the server does not tell whole")
    func unfitIndexes() {
        let new = [
            Index(field: "dense", type: "FLAT", metric: ""), Index(field: "id", type: "STL_SORT", metric: "L2"),
        ]
        #expect(
            changed(CollectionChanges(indexes: new)).1 == [
                "the index of field `dense` needs a `metric`, as every one of a vector field",
                "the index of field `id` has a `metric`, which is for vector fields only",
            ])
        var original = Self.original
        original.indexes = [Index(field: "dense", type: "HNSW", metric: "IP")]
        original.indexes[0].isComplete = false
        var findings: [String] = []
        _ = CollectionChanges().applied(to: original, named: "old", findings: &findings)
        #expect(findings.count == 1 && findings[0].contains("give it under target.milvus.create.indexes"))
        findings = []
        let given = CollectionChanges(indexes: [Index(field: "dense", type: "FLAT", metric: "IP")])
        _ = given.applied(to: original, named: "old", findings: &findings)
        #expect(findings == [], "one that is given need not be copied")
    }

    @Test("may have other properties and further ones, sorted by name")
    func properties() {
        let (definition, findings) = changed(
            CollectionChanges(properties: [
                Parameter("mmap.enabled", "false"), Parameter("allow_insert_auto_id", "true"),
            ]))
        var expected = Self.original
        expected.properties = [
            Parameter("allow_insert_auto_id", "true"), Parameter("collection.ttl.seconds", "60"),
            Parameter("mmap.enabled", "false"),
        ]
        #expect(definition == expected)
        #expect(findings == [])
    }

    @Test("cannot change what the other one does not have, and everything of that is found")
    func wrongFields() {
        let changes = CollectionChanges(
            dimensions: ["dense": 8, "vector": 8, "title": 4, "bits": 12, "terms": 5],
            indexes: [
                Index(field: "embedding", type: "HNSW", metric: "L2"), Index(field: "title", type: "TRIE", metric: ""),
            ])
        #expect(
            changed(changes).findings == [
                "field `bits` of collection `old` is of type BinaryVector, whose elements are bits: its dimension must "
                    + "be a multiple of 8, not 12",
                "field `terms` of collection `old` is of type SparseFloatVector, which has no dimension to change",
                "field `title` of collection `old` is of type VarChar(10), which has no dimension to change",
                "collection `old`, which the new one is to be like, has no field `vector`",
                "collection `old`, which the new one is to be like, has no field `embedding`",
            ])
    }
}
