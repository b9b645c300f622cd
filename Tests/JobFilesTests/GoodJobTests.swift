import BackfillCore
import JobFiles
import Testing

@Suite("A good job file")
struct GoodJobTests {
    private let folder: JobFolder

    init() throws {
        folder = try JobFolder()
    }

    @Test("becomes the job that it describes")
    func full() throws {
        let job = try folder.load(SampleJobs.full, environment: ["MILVUS_TOKEN": "root:Milvus"])
        let expected = JobSpec(
            name: "articles",
            source: .dump(
                DumpSource(
                    paths: ["\(folder.path)/dumps/2026-*.jsonl.zst", "/data/late.jsonl"],
                    envelope: .kcat, order: .perFile)),
            record: RecordMapping(
                path: ["after", "payload"],
                fields: [
                    "vector": .member("embedding"), "published_at": .timestamp, "source": .topic,
                    "trace": .header("trace-id"),
                ],
                drop: ["raw_html", "*"],
                tombstones: .skip,
                onReject: .file(path: "\(folder.path)/state/a.rejects.jsonl.zst", max: 50)),
            target: MilvusTarget(
                endpoint: .remote(
                    host: "milvus.example.org", port: 443,
                    tls: TLSOptions(
                        certificateAuthorities: "\(folder.path)/ca.pem",
                        clientCertificate: "\(folder.path)/client.pem",
                        clientKey: "/keys/client.key")),
                token: Secret("root:Milvus"),
                database: "2026",
                collection: "articles",
                partition: "recent",
                alias: "articles_live",
                create: .described(
                    CollectionDefinition(
                        fields: [
                            FieldSchema(name: "id", type: .int64, isPrimaryKey: true),
                            FieldSchema(
                                name: "title", type: .varChar(maxLength: 512), isNullable: true,
                                defaultValue: .text("none"),
                                parameters: [Parameter("enable_analyzer", "true")]),
                            FieldSchema(name: "tags", type: .array(element: .varChar(maxLength: 64), maxCapacity: 16)),
                            FieldSchema(name: "embedding", type: .floatVector(dimension: 384)),
                            FieldSchema(name: "terms", type: .sparseFloatVector, isFunctionOutput: true),
                            FieldSchema(name: "tenant", type: .varChar(maxLength: 64), isPartitionKey: true),
                        ],
                        functions: [
                            CollectionDefinition.Function(
                                name: "words", kind: .bm25, inputs: ["title"], outputs: ["terms"],
                                parameters: [Parameter("bm25_k1", "1.5")])
                        ],
                        hasDynamicField: true,
                        indexes: [
                            CollectionDefinition.Index(
                                field: "embedding", type: "HNSW", metric: "COSINE",
                                parameters: [Parameter("M", "16"), Parameter("efConstruction", "200")]),
                            CollectionDefinition.Index(field: "title", type: "INVERTED", metric: ""),
                        ], shards: 2, partitions: 32, consistency: .strong,
                        properties: [Parameter("collection.ttl.seconds", "3600")]))),
            run: RunOptions(
                checkpoint: "\(folder.path)/state/articles.checkpoint.json",
                lanes: 8, batchRows: 500, batchBytes: 4 << 20, memory: 1 << 30, rate: 5000,
                maxDuration: .seconds(4 * 3600), unavailableTimeout: .seconds(90), quotaTimeout: .seconds(2 * 86_400),
                ifNewer: "published_at", logLevel: .debug,
                metrics: MetricsOptions(
                    file: "\(folder.path)/state/articles.prom",
                    pushgateway: Secret("http://me:root:Milvus@gateway:9091"))))
        #expect(job == expected)
    }

    @Test("needs little; the rest has defaults")
    func minimal() throws {
        let job = try folder.load(SampleJobs.minimal)
        let expected = JobSpec(
            name: "articles",
            source: .dump(DumpSource(paths: ["\(folder.path)/dump.jsonl.zst"])),
            record: RecordMapping(),
            target: MilvusTarget(
                endpoint: .remote(host: "localhost", port: 19530, tls: nil), collection: "articles"),
            run: RunOptions(checkpoint: "\(folder.path)/articles.checkpoint.json"))
        #expect(job == expected)
    }

    @Test("names the job by its file", arguments: [("a.yaml", "a"), ("a.prod.yml", "a.prod"), ("a.job", "a.job")])
    func name(file: String, name: String) throws {
        #expect(try folder.load(SampleJobs.minimal, file: file).name == name)
    }

    @Test(
        "reaches Milvus by its URI",
        arguments: [
            ("http://localhost:9000", MilvusTarget.Endpoint.remote(host: "localhost", port: 9000, tls: nil)),
            ("http://localhost/", .remote(host: "localhost", port: 19530, tls: nil)),
            ("https://in03.zillizcloud.com", .remote(host: "in03.zillizcloud.com", port: 443, tls: TLSOptions())),
            ("https://h:19530", .remote(host: "h", port: 19530, tls: TLSOptions())),
            ("'http://[::1]:19530'", .remote(host: "::1", port: 19530, tls: nil)),
            ("/data/local.db", .embedded(path: "/data/local.db")),
        ])
    func endpoint(uri: String, endpoint: MilvusTarget.Endpoint) throws {
        #expect(try folder.load(SampleJobs.milvus("", uri: uri)).target.endpoint == endpoint)
    }

    @Test("starts an embedded Milvus Lite by a path beside the job file")
    func embedded() throws {
        let target = try folder.load(SampleJobs.milvus("", uri: "./local.db")).target
        #expect(target.endpoint == .embedded(path: "\(folder.path)/local.db"))
    }

    @Test("keeps rejects beside the checkpoint")
    func rejects() throws {
        let job = try folder.load(
            SampleJobs.minimal + "record: {onReject: {policy: file}}\nrun: {checkpoint: /state/c.json}")
        #expect(job.record.onReject == .file(path: "/state/articles.rejects.jsonl.zst", max: 1000))
    }

    @Test(
        "has sizes in bytes",
        arguments: [("65536", 65536), ("64KiB", 65536), ("100KB", 100_000), ("8MiB", 8 << 20), ("8MB", 8_000_000)])
    func sizes(text: String, bytes: Int) throws {
        #expect(try folder.load(SampleJobs.minimal + "run: {batch: {bytes: \(text)}}").run.batchBytes == bytes)
    }

    @Test("may leave keys empty that hold other keys")
    func emptySections() throws {
        let job = try folder.load(SampleJobs.minimal + "record:\n  drop:\n  fields:\nrun:\n  batch:\n")
        #expect(job == (try folder.load(SampleJobs.minimal)))
    }

    @Test("may use anchors and aliases")
    func aliases() throws {
        let job = try folder.load(
            SampleJobs.milvus("database: &name news\ntoken: *name") + "run: {batch: {rows: 7}}")
        #expect(job.target.token == Secret("news"))
    }

    @Test("may begin with a byte order mark")
    func byteOrderMark() throws {
        #expect(try folder.load("\u{FEFF}" + SampleJobs.minimal).target.collection == "articles")
    }
}
