import BackfillCore
import RowDecoding
import Testing

/// Batches of a small collection.
enum Rows {
    static let definition = CollectionDefinition(
        fields: [
            FieldSchema(name: "id", type: .int64, isPrimaryKey: true),
            FieldSchema(name: "name", type: .varChar(maxLength: 40)),
            FieldSchema(name: "tags", type: .array(element: .varChar(maxLength: 20), maxCapacity: 4)),
            FieldSchema(name: "embedding", type: .floatVector(dimension: 4)),
        ],
        indexes: [
            CollectionDefinition.Index(
                field: "embedding", type: "HNSW", metric: "COSINE",
                parameters: [Parameter("M", "8"), Parameter("efConstruction", "40")])
        ])

    static func record(_ id: Int, name: String = "a") -> String {
        #"{"id":\#(id),"name":"\#(name)","tags":["\#(name)"],"embedding":[\#(id),1,0.5,-1]}"#
    }

    /// One batch that has these records' rows, or deletes these keys.
    static func batch(
        of schema: CollectionSchema, records: [String] = [], deleting keys: [Int] = []
    ) throws -> RowBatch {
        let plan = try RecordPlan(schema: schema, mapping: RecordMapping(), form: .kcat)
        let lines =
            records.map { #"{"topic":"t","partition":0,"offset":0,"payload":\#($0)}"# }
            + keys.map { #"{"topic":"t","partition":0,"offset":0,"key":"\#($0)","payload":null}"# }
        let chunk = ChunkDecoder(plan: plan, lanes: 1, unit: 0, fileNames: ["f"]).decode(
            .lines(
                LineChunk(
                    bytes: lines.flatMap { Array($0.utf8) + [0x0A] }, start: .start(ofFile: 0), end: .start(ofFile: 1),
                    bytesOnDisk: 0)))
        try #require(chunk.rejects.isEmpty, "\(chunk.rejects.first?.reason ?? "")")
        var builder = BatchBuilder(maximumRows: 10_000, maximumBytes: 1 << 30)
        builder.add(chunk, token: RowBatch.ChunkToken(unit: 0, sequence: 0), lane: 0) { _ in }
        let batch = builder.take()
        return try #require(batch)
    }
}

extension CollectionStore {
    /// Makes the small collection and waits until it can be counted.
    func makeRows() async throws -> CollectionSchema { try await make(Rows.definition) }

    /// Makes a collection and waits until it can be counted.
    func make(_ definition: CollectionDefinition) async throws -> CollectionSchema {
        try await create(definition)
        while try await loadState() != .loaded { try await Task.sleep(for: .milliseconds(50)) }
        return try await describe()
    }

    func write(_ records: [String] = [], deleting keys: [Int] = [], of schema: CollectionSchema) async throws {
        try await write(encode(try Rows.batch(of: schema, records: records, deleting: keys)))
    }
}
