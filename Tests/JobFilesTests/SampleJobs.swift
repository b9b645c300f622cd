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

    /// Every key that there is.
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
            protocol: grpc
            tls: {ca: ca.pem, certificate: ./client.pem, key: /keys/client.key}
            create:
              dynamicField: true
              fields:
                - {name: id, type: Int64, primaryKey: true}
                - {name: title, type: VarChar, maxLength: 512, nullable: true}
                - {name: tags, type: Array, elementType: VarChar, maxLength: 64, maxCapacity: 16}
                - {name: embedding, type: FloatVector, dim: 384}
                - {name: tenant, type: VarChar, maxLength: 64, partitionKey: true}
              indexes:
                - {field: embedding, type: HNSW, metric: COSINE, params: {efConstruction: 200, M: 16}}
                - {field: title, type: INVERTED}
        run:
          checkpoint: state/articles.checkpoint.json
          lanes: 8
          batch: {rows: 500, bytes: 4MiB}
          memory: 1GiB

        """
}
