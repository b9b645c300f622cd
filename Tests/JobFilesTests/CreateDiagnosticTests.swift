import BackfillCore
import JobFiles
import Testing

@Suite("A bad collection to create is explained")
struct CreateDiagnosticTests {
    private let folder: JobFolder

    init() throws {
        folder = try JobFolder()
    }

    private func expect(
        _ expected: [String], _ text: String, location: SourceLocation = #_sourceLocation
    ) throws {
        let diagnostics = try folder.diagnostics(text)
        #expect(diagnostics == expected.map { "articles.yaml:\($0)" }, sourceLocation: location)
    }

    /// A job with these keys in `create`, which begin on line 7, at column 7.
    private func create(_ keys: String) -> String {
        SampleJobs.milvus("create:\n" + keys.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
    }

    private static let path = "target.milvus.create"
    private static let id = "name: id, type: Int64, primaryKey: true"

    @Test("when it is like another one and described too")
    func likeAndDescribed() throws {
        let sentence = "does not go with `like`, which takes it from the other collection; remove one of the two"
        try expect(
            [
                "8:7: `\(Self.path).fields` \(sentence)", "9:7: `\(Self.path).functions` \(sentence)",
                "10:7: `\(Self.path).dynamicField` \(sentence)",
            ], create("like: old\nfields: [{\(Self.id)}]\nfunctions: []\ndynamicField: false"))
    }

    @Test("when dimensions are given without a collection that has some")
    func dimensionsAlone() throws {
        try expect(
            ["8:7: `\(Self.path).dims` has no effect without `like`; say a field's `dim` in `fields`"],
            create("fields: [{\(Self.id)}]\ndims: {a: 8}"))
    }

    @Test("when it is neither like another one nor described")
    func nothing() throws {
        try expect(["6:13: `\(Self.path).fields` is required"], SampleJobs.milvus("create: {}"))
        try expect(["7:15: `\(Self.path).fields` must not be empty"], create("fields: []"))
        try expect(
            [
                "7:13: `\(Self.path).like` has no value; give it one or remove the key"
            ], create("like: ~"))
    }

    @Test("when a key of it is unknown")
    func unknownKeys() throws {
        try expect(
            [
                "8:7: unknown key `dim` in `\(Self.path)`; did you mean `dims`?",
                "9:7: unknown key `replicas` in `\(Self.path)`; the keys are `like`, `dims`, `dynamicField`, `fields`, "
                    + "`functions`, `indexes`, `shards`, `partitions`, `consistency`, `properties`",
            ], create("like: old\ndim: {a: 8}\nreplicas: 2"))
        try expect(
            [
                "8:53: unknown key `autoID` in `\(Self.path).fields[0]`; the keys are `name`, `type`, `primaryKey`, "
                    + "`partitionKey`, `nullable`, `default`, `maxLength`, `dim`, `elementType`, `maxCapacity`, "
                    + "`params`"
            ], SampleJobs.create(fields: ["\(Self.id), autoID: true"]))
    }

    @Test("when a change cannot be read")
    func changes() throws {
        try expect(
            [
                "8:17: `\(Self.path).dims.a` must be a whole number from 1 to 32768, not `0`",
                "8:23: `\(Self.path).dims.b` must be a whole number from 1 to 32768, not `x`",
                "9:15: `\(Self.path).shards` must be a whole number from 1 to 64, not `0`",
                "10:19: `\(Self.path).partitions` must be a whole number from 1 to 4096, not `4097`",
                "11:20: `\(Self.path).consistency` must be one of `Strong`, `Session`, `Bounded`, `Eventually`, "
                    + "not `strong`; did you mean `Strong`?",
                "12:19: `\(Self.path).properties` must be a mapping of keys to values, not a list",
                "13:17: `\(Self.path).indexes[0].field` is required",
                "13:17: `\(Self.path).indexes[0].type` is required",
                "13:26: `\(Self.path).indexes[0].metric` must be one of `COSINE`, `IP`, `L2`, `HAMMING`, `JACCARD`, "
                    + "`BM25`, not `DOT`",
            ],
            create(
                """
                like: old
                dims: {a: 0, b: x}
                shards: 0
                partitions: 4097
                consistency: strong
                properties: [a]
                indexes: [{metric: DOT}]
                """))
        try expect(
            [
                "8:13: `\(Self.path).dims` must be a mapping of keys to values, not a single value",
                "9:20: `\(Self.path).consistency` must be one of `Strong`, `Session`, `Bounded`, `Eventually`, "
                    + "not `Weak`",
            ], create("like: old\ndims: 768\nconsistency: Weak"))
    }

    private static let defaults: [(text: String, sentence: String)] = [
        ("type: Bool, default: yes", "must be `true` or `false`, not `yes`"),
        ("type: Bool, default: 1", "must be `true` or `false`, not `1`"),
        ("type: Bool, default: \"true\"", "must be `true` or `false`, not `\"true\"`; did you mean `true`?"),
        ("type: Int8, default: 128", "must be a whole number from -128 to 127, not `128`"),
        ("type: Int8, default: -129", "must be a whole number from -128 to 127, not `-129`"),
        ("type: Int16, default: 32768", "must be a whole number from -32768 to 32767, not `32768`"),
        ("type: Int32, default: 2147483648", "must be a whole number from -2147483648 to 2147483647, not `2147483648`"),
        (
            "type: Int64, default: 9223372036854775808",
            "must be a whole number from -9223372036854775808 to 9223372036854775807, not `9223372036854775808`"
        ),
        ("type: Int8, default: 1.0", "must be a whole number from -128 to 127, not `1.0`"),
        ("type: Int8, default: \"1\"", "must be a whole number from -128 to 127, not `\"1\"`"),
        ("type: Int8, default: one", "must be a whole number from -128 to 127, not `one`"),
        ("type: Float, default: 1e39", "must be a number that a Float holds, not `1e39`"),
        ("type: Float, default: nan", "must be a number that a Float holds, not `nan`"),
        ("type: Float, default: inf", "must be a number that a Float holds, not `inf`"),
        ("type: Float, default: none", "must be a number that a Float holds, not `none`"),
        ("type: Double, default: 1e309", "must be a number, not `1e309`"),
        ("type: Double, default: -inf", "must be a number, not `-inf`"),
        ("type: Double, default: \"1\"", "must be a number, not `\"1\"`"),
        ("type: VarChar, maxLength: 4, default: nobody", "must be text of at most 4 bytes, not `nobody`"),
        ("type: VarChar, maxLength: 4, default: \"ééé\"", "must be text of at most 4 bytes, not `\"ééé\"`"),
        ("type: Int8, default: [1]", "must be a single value, not a list"),
        ("type: Int8, default: ~", "has no value; give it one or remove the key"),
    ]

    @Test("when a default value does not fit its field", arguments: defaults)
    func defaultValues(text: String, sentence: String) throws {
        let field = "name: a, \(text)"
        let column = 12 + field.utf8.count - (text.split(separator: "default: ", maxSplits: 1).last?.utf8.count ?? 0)
        try expect(
            ["9:\(column): `\(Self.path).fields[1].default` \(sentence)"],
            SampleJobs.create(fields: [Self.id, field]))
    }

    @Test(
        "when a field has a default value that can have none",
        arguments: [
            "JSON", "Geometry", "Timestamptz", "SparseFloatVector", "FloatVector, dim: 8", "Float16Vector, dim: 8",
            "BFloat16Vector, dim: 8", "Int8Vector, dim: 8", "BinaryVector, dim: 8",
            "Array, elementType: Int8, maxCapacity: 4",
        ])
    func defaultsOfType(type: String) throws {
        let name = type.prefix { $0 != "," }
        try expect(
            ["9:21: `\(Self.path).fields[1].default` does not go with the type `\(name)`; remove it"],
            SampleJobs.create(fields: [Self.id, "name: a, default: 1, type: \(type)"]))
    }

    @Test("when the primary key has a default value, of whatever type")
    func defaultOfKey() throws {
        for value in ["1", "x", "[1]"] {
            try expect(
                [
                    "8:53: `\(Self.path).fields[0].default` does not go with `primaryKey`; "
                        + "every row needs a key of its own"
                ],
                SampleJobs.create(fields: ["\(Self.id), default: \(value)"]))
        }
    }

    @Test("when a field has a type that cannot be read, of its default nothing is said")
    func defaultOfUnknownType() throws {
        let diagnostics = try folder.diagnostics(
            SampleJobs.create(fields: [Self.id, "name: a, type: Text, default: [1]"]))
        #expect(diagnostics.count == 1)
        #expect(diagnostics.first?.contains("`\(Self.path).fields[1].type` must be one of ") == true)
        try expect(
            ["9:11: `\(Self.path).fields[1].maxLength` is required with the type `VarChar`"],
            SampleJobs.create(fields: [Self.id, "name: a, type: VarChar, default: nobody"]))
    }

    @Test(
        "when a vector has no proper dimension",
        arguments: [
            "FloatVector", "Float16Vector", "BFloat16Vector", "Int8Vector", "BinaryVector",
        ])
    func dimensions(type: String) throws {
        let field = "name: a, type: \(type), dim: "
        let column = 12 + field.utf8.count
        try expect(
            ["9:11: `\(Self.path).fields[1].dim` is required with the type `\(type)`"],
            SampleJobs.create(fields: [Self.id, "name: a, type: \(type)"]))
        for value in ["0", "32769", "8.0", "x"] {
            try expect(
                ["9:\(column): `\(Self.path).fields[1].dim` must be a whole number from 1 to 32768, not `\(value)`"],
                SampleJobs.create(fields: [Self.id, field + value]))
        }
        let sentence = "must be a multiple of 8 with the type `BinaryVector`: its elements are bits"
        try expect(
            type == "BinaryVector" ? ["9:\(column - 5): `\(Self.path).fields[1].dim` \(sentence)"] : [],
            SampleJobs.create(fields: [Self.id, field + "12"]))
    }

    @Test(
        "when a key says nothing about a field's type",
        arguments: [
            "SparseFloatVector", "Geometry", "Timestamptz", "JSON",
        ])
    func idleLimits(type: String) throws {
        let column = 9 + "name: a, type: , ".utf8.count + type.utf8.count + 3
        for key in ["dim: 8", "maxLength: 8", "maxCapacity: 8", "elementType: Int8"] {
            let name = key.prefix { $0 != ":" }
            try expect(
                ["9:\(column): `\(Self.path).fields[1].\(name)` does not go with the type `\(type)`; remove it"],
                SampleJobs.create(fields: [Self.id, "name: a, type: \(type), \(key)"]))
        }
    }

    @Test(
        "when an array has elements that no array has",
        arguments: [
            "Geometry", "Timestamptz", "JSON", "Array", "FloatVector", "SparseFloatVector",
        ])
    func elements(type: String) throws {
        try expect(
            [
                "9:47: `\(Self.path).fields[1].elementType` must be one of `Bool`, `Int8`, `Int16`, `Int32`, `Int64`, "
                    + "`Float`, `Double`, `VarChar`, not `\(type)`"
            ],
            SampleJobs.create(fields: [Self.id, "name: a, type: Array, elementType: \(type), maxCapacity: 4"]))
    }

    @Test("when partitions are counted and no key spreads the rows over them")
    func partitions() throws {
        try expect(
            [
                "8:7: `\(Self.path).partitions` needs a field with `partitionKey: true`, whose values it spreads; "
                    + "remove it"
            ], create("fields: [{\(Self.id)}]\npartitions: 16"))
        try expect(
            ["8:19: `\(Self.path).partitions` must be a whole number from 1 to 4096, not `0`"],
            create("fields: [{\(Self.id)}, {name: a, type: Int64, partitionKey: true}]\npartitions: 0"))
    }

    @Test("when a function takes from, or gives to, what is no field")
    func functionFields() throws {
        try expect(
            [
                "12:33: `\(Self.path).functions[0].inputs` names `titel`, which is none of the fields; "
                    + "did you mean `title`?",
                "12:48: `\(Self.path).functions[0].outputs` names `sparse`, which is none of the fields",
                "12:48: `\(Self.path).functions[0].outputs` names `term`, which is none of the fields; "
                    + "did you mean `terms`?",
            ],
            create(
                """
                fields:
                  - {\(Self.id)}
                  - {name: title, type: VarChar, maxLength: 9}
                  - {name: terms, type: SparseFloatVector}
                functions:
                  - {name: w, type: BM25, inputs: titel, outputs: [sparse, terms, term]}
                """))
    }

    @Test("when a function says too little, or what is none")
    func functionKeys() throws {
        try expect(
            [
                "9:11: `\(Self.path).functions[0].type` is required",
                "9:11: `\(Self.path).functions[0].name` is required",
                "9:11: `\(Self.path).functions[0].inputs` is required",
                "9:11: `\(Self.path).functions[0].outputs` is required",
                "10:18: `\(Self.path).functions[1].type` must be one of `BM25`, `TextEmbedding`, `MinHash`, "
                    + "not `bm25`; did you mean `BM25`?",
                "10:32: `\(Self.path).functions[1].inputs` must not be empty",
                "11:18: `\(Self.path).functions[2].type` must be one of `BM25`, `TextEmbedding`, `MinHash`, "
                    + "not `Rerank`",
            ],
            create(
                """
                fields: [{\(Self.id)}, {name: a, type: SparseFloatVector}]
                functions:
                  - {}
                  - {type: bm25, inputs: [], outputs: a, name: f}
                  - {type: Rerank, inputs: id, outputs: a, name: g}
                """))
        try expect(
            [
                "9:36: `\(Self.path).functions[0].outputs` names `id`, the primary key; its value comes from the records",
                "9:58: unknown key `function` in `\(Self.path).functions[0]`; the keys are `name`, `type`, `inputs`, "
                    + "`outputs`, `params`",
            ],
            create(
                "fields: [{\(Self.id)}]\nfunctions:\n  - {type: BM25, inputs: id, outputs: id, name: f, function: g}")
        )
    }

    @Test("when an index does not fit its field of another type")
    func indexes() throws {
        try expect(
            [
                "12:11: `\(Self.path).indexes[0].metric` is required for a vector field",
                "13:11: `\(Self.path).indexes[1].metric` is required for a vector field",
                "14:36: `\(Self.path).indexes[2].metric` is for vector fields only; remove it",
            ],
            SampleJobs.create(
                fields: [Self.id, "name: a, type: SparseFloatVector", "name: b, type: Int8Vector, dim: 8"],
                indexes: [
                    "field: a, type: SPARSE_INVERTED_INDEX", "field: b, type: HNSW",
                    "field: id, type: RTREE, metric: L2",
                ]))
    }
}
