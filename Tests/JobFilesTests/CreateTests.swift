import BackfillCore
import JobFiles
import Testing

@Suite("A collection to create")
struct CreateTests {
    private let folder: JobFolder

    init() throws {
        folder = try JobFolder()
    }

    private func recipe(_ text: String) throws -> CollectionRecipe? { try folder.load(text).target.create }

    private func definition(
        _ text: String, location: SourceLocation = #_sourceLocation
    ) throws -> CollectionDefinition {
        guard case .described(let definition)? = try recipe(text) else {
            Issue.record("no collection is described", sourceLocation: location)
            return CollectionDefinition(fields: [])
        }
        return definition
    }

    private static let id = "name: id, type: Int64, primaryKey: true"

    @Test("may be like another one, with every change that there is")
    func like() throws {
        let changes = CollectionChanges(
            dimensions: ["embedding": 768],
            indexes: [CollectionDefinition.Index(field: "embedding", type: "FLAT", metric: "IP")],
            shards: 4, partitions: 8, consistency: .bounded, properties: [Parameter("mmap.enabled", "true")])
        #expect(try recipe(SampleJobs.like) == .like("articles_old", changes))
    }

    @Test("may be like another one in everything")
    func likeWithoutChanges() throws {
        #expect(
            try recipe(SampleJobs.milvus("create: {like: articles_old}")) == .like("articles_old", CollectionChanges()))
        #expect(
            try recipe(SampleJobs.milvus("create:\n  like: 2026\n  dims:\n  indexes: []\n  properties: {}"))
                == .like("2026", CollectionChanges()))
    }

    @Test("may get its index parameters and dimensions by name, in any order")
    func likeParameters() throws {
        let text = SampleJobs.milvus(
            """
            create:
              indexes:
                - {params: {nprobe: 8, M: 16, efConstruction: "200"}, type: HNSW, field: a}
                - {field: b, type: BIN_FLAT, metric: HAMMING}
              dims: {a: 1, b: 32768}
              properties: {b: 1, a: text, c.d: false}
              like: old
            """)
        let changes = CollectionChanges(
            dimensions: ["a": 1, "b": 32_768],
            indexes: [
                CollectionDefinition.Index(
                    field: "a", type: "HNSW", metric: "",
                    parameters: [Parameter("M", "16"), Parameter("efConstruction", "200"), Parameter("nprobe", "8")]),
                CollectionDefinition.Index(field: "b", type: "BIN_FLAT", metric: "HAMMING"),
            ],
            properties: [Parameter("a", "text"), Parameter("b", "1"), Parameter("c.d", "false")])
        #expect(try recipe(text) == .like("old", changes))
    }

    @Test("needs little; the rest is the server's choice")
    func minimal() throws {
        let expected = CollectionDefinition(fields: [FieldSchema(name: "id", type: .int64, isPrimaryKey: true)])
        #expect(try recipe(SampleJobs.create(fields: [Self.id])) == .described(expected))
        #expect(expected.shards == nil)
        #expect(expected.partitions == nil)
        #expect(expected.consistency == nil)
        #expect(!expected.hasDynamicField)
    }

    private static let types: [(text: String, type: FieldType)] = [
        ("type: Bool", .bool), ("type: Int8", .int8), ("type: Int16", .int16), ("type: Int32", .int32),
        ("type: Int64", .int64), ("type: Float", .float), ("type: Double", .double), ("type: JSON", .json),
        ("type: Geometry", .geometry), ("type: Timestamptz", .timestamptz),
        ("type: VarChar, maxLength: 65535", .varChar(maxLength: 65_535)),
        ("type: Array, elementType: Int8, maxCapacity: 4096", .array(element: .int8, maxCapacity: 4096)),
        (
            "type: Array, elementType: VarChar, maxLength: 7, maxCapacity: 1",
            .array(element: .varChar(maxLength: 7), maxCapacity: 1)
        ),
        ("type: FloatVector, dim: 1", .floatVector(dimension: 1)),
        ("type: Float16Vector, dim: 32768", .vector(.float16, dimension: 32_768)),
        ("type: BFloat16Vector, dim: 3", .vector(.bfloat16, dimension: 3)),
        ("type: Int8Vector, dim: 5", .vector(.int8, dimension: 5)),
        ("type: BinaryVector, dim: 8", .vector(.binary, dimension: 8)),
        ("type: BinaryVector, dim: 32768", .vector(.binary, dimension: 32_768)),
        ("type: SparseFloatVector", .sparseFloatVector),
    ]

    @Test("has fields of every type", arguments: types)
    func fieldTypes(text: String, type: FieldType) throws {
        for isNullable in [true, false] {
            let fields = try definition(
                SampleJobs.create(fields: [Self.id, "name: a, \(text), nullable: \(isNullable)"])
            ).fields
            #expect(fields.last == FieldSchema(name: "a", type: type, isNullable: isNullable))
        }
    }

    private static let defaults: [(text: String, value: DefaultValue)] = [
        ("type: Bool, default: true", .bool(true)), ("type: Bool, default: false", .bool(false)),
        ("type: Int8, default: -128", .int(-128)), ("type: Int8, default: 127", .int(127)),
        ("type: Int16, default: -32768", .int(-32_768)), ("type: Int16, default: 32767", .int(32_767)),
        ("type: Int32, default: -2147483648", .int(.min)), ("type: Int32, default: 2147483647", .int(.max)),
        ("type: Int64, default: -9223372036854775808", .long(.min)),
        ("type: Int64, default: 9223372036854775807", .long(.max)), ("type: Float, default: 1.5", .float(1.5)),
        ("type: Float, default: -3.4028235e38", .float(-.greatestFiniteMagnitude)),
        ("type: Float, default: 0.1", .float(0.1)), ("type: Float, default: 1", .float(1)),
        // By way of a Double it would be rounded twice, to 1.
        ("type: Float, default: 1.000000059604644775390625000001", .float(Float(1).nextUp)),
        ("type: Double, default: 0.1", .double(0.1)), ("type: Double, default: -1e308", .double(-1e308)),
        ("type: VarChar, maxLength: 4, default: none", .text("none")),
        ("type: VarChar, maxLength: 4, default: 2026", .text("2026")),
        ("type: VarChar, maxLength: 4, default: true", .text("true")),
        ("type: VarChar, maxLength: 4, default: \"éé\"", .text("éé")),
        ("maxLength: 4, default: \" a \", type: VarChar", .text(" a ")),
    ]

    @Test("has default values of the field's type", arguments: defaults)
    func defaultValues(text: String, value: DefaultValue) throws {
        let fields = try definition(SampleJobs.create(fields: [Self.id, "name: a, \(text)"])).fields
        #expect(fields.last?.defaultValue == value)
    }

    @Test("has parameters of fields, sorted by name, and their values as text")
    func parameters() throws {
        let text = SampleJobs.create(fields: [
            Self.id,
            "name: a, type: VarChar, maxLength: 9, params: {mmap.enabled: true, enable_match: false, "
                + #"analyzer_params: '{"type":"english"}'}"#,
        ])
        #expect(
            try definition(text).fields.last?.parameters == [
                Parameter("analyzer_params", #"{"type":"english"}"#), Parameter("enable_match", "false"),
                Parameter("mmap.enabled", "true"),
            ])
    }

    @Test(
        "has functions of every type, whose outputs no record fills",
        arguments: [
            ("BM25", CollectionDefinition.Function.Kind.bm25), ("TextEmbedding", .textEmbedding), ("MinHash", .minHash),
        ])
    func functions(type: String, kind: CollectionDefinition.Function.Kind) throws {
        let text = SampleJobs.milvus(
            """
            create:
              functions:
                - {name: f, type: \(type), inputs: [title, text], outputs: terms, params: {b: 1, a: x}}
                - {name: g, type: BM25, inputs: title, outputs: [more]}
              fields:
                - {\(Self.id)}
                - {name: title, type: VarChar, maxLength: 9}
                - {name: text, type: VarChar, maxLength: 9}
                - {name: terms, type: SparseFloatVector}
                - {name: more, type: SparseFloatVector}
            """)
        let definition = try definition(text)
        #expect(
            definition.functions == [
                CollectionDefinition.Function(
                    name: "f", kind: kind, inputs: ["title", "text"], outputs: ["terms"],
                    parameters: [Parameter("a", "x"), Parameter("b", "1")]),
                CollectionDefinition.Function(name: "g", kind: .bm25, inputs: ["title"], outputs: ["more"]),
            ])
        #expect(definition.fields.map(\.isFunctionOutput) == [false, false, false, true, true])
    }

    @Test("has every metric", arguments: ["COSINE", "IP", "L2", "HAMMING", "JACCARD", "BM25"])
    func metrics(metric: String) throws {
        let text = SampleJobs.create(
            fields: [Self.id, "name: a, type: SparseFloatVector"],
            indexes: ["field: a, type: AUTOINDEX, metric: \(metric)"])
        #expect(
            try definition(text).indexes
                == [CollectionDefinition.Index(field: "a", type: "AUTOINDEX", metric: metric)])
    }

    @Test("has every consistency level", arguments: ["Strong", "Session", "Bounded", "Eventually"])
    func consistency(level: String) throws {
        let text = SampleJobs.milvus("create:\n  fields: [{\(Self.id)}]\n  consistency: \(level)")
        #expect(try definition(text).consistency?.rawValue == level)
    }

    @Test("has shards, partitions and properties")
    func numbers() throws {
        let definition = try definition(
            SampleJobs.milvus(
                """
                create:
                  fields: [{\(Self.id)}, {name: a, type: Int64, partitionKey: true}]
                  shards: 64
                  partitions: 4096
                  properties: {collection.ttl.seconds: 0, mmap.enabled: true}
                  dynamicField: true
                """))
        #expect(definition.shards == 64)
        #expect(definition.partitions == 4096)
        #expect(
            definition.properties == [Parameter("collection.ttl.seconds", "0"), Parameter("mmap.enabled", "true")])
        #expect(definition.hasDynamicField)
        #expect(definition.fields.last?.isPartitionKey == true)
    }

    @Test("is reached by either protocol")
    func wireProtocol() throws {
        #expect(try folder.load(SampleJobs.milvus("")).target.wireProtocol == .grpc)
        #expect(try folder.load(SampleJobs.milvus("protocol: grpc")).target.wireProtocol == .grpc)
        #expect(try folder.load(SampleJobs.milvus("protocol: rest")).target.wireProtocol == .rest)
    }
}
