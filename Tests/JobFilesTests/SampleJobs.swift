/// Job files that more than one test starts from.
enum SampleJobs {
    /// Only what is required.
    static let minimal = """
        source: {dump: {paths: dump.jsonl.zst}}
        target: {milvus: {uri: "http://localhost", collection: articles}}

        """

    /// The minimal job with more keys in `target.milvus`, which begin on line 6, at column 5.
    static func milvus(_ keys: String, uri: String = "http://localhost") -> String {
        """
        source: {dump: {paths: dump.jsonl.zst}}
        target:
          milvus:
            uri: \(uri)
            collection: articles
        \(keys.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))

        """
    }

    /// The minimal job with a collection to create; the first field stands on line 8, at column 11.
    static func create(fields: [String], indexes: [String] = []) -> String {
        milvus(
            (["create:", "  fields:"] + fields.map { "    - {\($0)}" }
                + (indexes.isEmpty ? [] : ["  indexes:"]) + indexes.map { "    - {\($0)}" })
                .joined(separator: "\n"))
    }

    /// A collection like another one, with every key that goes with that.
    static let like = milvus(
        """
        create:
          like: articles_old
          dims: {embedding: 768}
          shards: 4
          partitions: 8
          consistency: Bounded
          properties: {mmap.enabled: true}
          indexes:
            - {field: embedding, type: FLAT, metric: IP}
        """)

    /// A job that reads the ranges; the first one stands on line 5, at column 9.
    static func kafka(ranges: [String], properties: String = "bootstrap.servers: 'h:9092'", _ more: String = "")
        -> String
    {
        """
        source:
          kafka:
            properties: {\(properties)}
            ranges:
        \(ranges.map { "      - {\($0)}" }.joined(separator: "\n"))
        target: {milvus: {uri: "http://localhost", collection: articles}}
        \(more)

        """
    }

    /// A job whose ranges come from the flags.
    static let withoutRanges = """
        source: {kafka: {properties: {bootstrap.servers: "h:9092", group.id: g}}}
        target: {milvus: {uri: "http://localhost", collection: articles}}

        """

    /// Every key of a Kafka source.
    static let fullKafka = """
        source:
          kafka:
            properties:
              bootstrap.servers: "one:9092,two:9092"
              security.protocol: SASL_SSL
              sasl.password: ${PASSWORD}
              group.id: live
              enable.auto.commit: false
              fetch.wait.max.ms: 50
            ranges:
              - {topic: articles, partition: 0, start: 120000, end: 480000}
              - {topic: articles, partitions: "1-3,7", start: earliest, end: latest}
              - {topic: articles, partitions: [4, 5, "8-9"], start: committed, end: latest}
              - {topic: articles-eu, start: "2026-01-01T00:00:00Z", end: "2026-02-01T00:00:00Z"}
              - {topic: articles-us, start: -48h, end: committed}
            onDataLoss: skip
            commitGroup: lag
        record:
          key: {format: json, path: payload.id}
        target: {milvus: {uri: "http://localhost", collection: articles}}

        """

    /// Every key of a job that reads a dump.
    static let full = """
        source:
          dump:
            paths: ["dumps/2026-*.jsonl.zst", /data/late.jsonl]
            envelope: kcat
            order: perFile
        record:
          path: after.payload
          fields: {vector: embedding, published_at: "$timestamp", source: "$topic", trace: $header.trace-id}
          drop: [raw_html, "*"]
          tombstones: skip
          onReject: {policy: file, path: state/a.rejects.jsonl.zst, max: 50}
        target:
          milvus:
            uri: https://milvus.example.org
            token: ${MILVUS_TOKEN}
            database: 2026
            collection: articles
            partition: recent
            alias: articles_live
            protocol: grpc
            tls: {ca: ca.pem, certificate: ./client.pem, key: /keys/client.key}
            create:
              dynamicField: true
              fields:
                - {name: id, type: Int64, primaryKey: true}
                - {name: title, type: VarChar, maxLength: 512, nullable: true, default: none,
                   params: {enable_analyzer: true}}
                - {name: tags, type: Array, elementType: VarChar, maxLength: 64, maxCapacity: 16}
                - {name: embedding, type: FloatVector, dim: 384}
                - {name: terms, type: SparseFloatVector}
                - {name: tenant, type: VarChar, maxLength: 64, partitionKey: true}
              functions:
                - {name: words, type: BM25, inputs: title, outputs: [terms], params: {bm25_k1: 1.5}}
              shards: 2
              partitions: 32
              consistency: Strong
              properties: {collection.ttl.seconds: 3600}
              indexes:
                - {field: embedding, type: HNSW, metric: COSINE, params: {efConstruction: 200, M: 16}}
                - {field: title, type: INVERTED}
        run:
          checkpoint: state/articles.checkpoint.json
          lanes: 8
          batch: {rows: 500, bytes: 4MiB}
          memory: 1GiB
          rate: 5000/s
          maxDuration: 4h
          unavailableTimeout: 90s
          quotaTimeout: 2d
          ifNewer: {field: published_at}
          logLevel: debug
          metrics:
            file: state/articles.prom
            pushgateway: http://me:${MILVUS_TOKEN}@gateway:9091

        """
}
