package import BackfillCore

/// Writes upsert and delete requests straight from the columns of decoded chunks.
///
/// The bytes equal those of the generated `UpsertRequest` and `DeleteRequest`; a test compares them. Field numbers are
/// those of Milvus' public `milvus.proto` and `schema.proto`.
package struct RequestEncoder: Sendable {
    package let database: String
    package let collection: String
    package let partition: String

    /// - Parameter partition: empty: the server's choice.
    package init(database: String, collection: String, partition: String = "") {
        self.database = database
        self.collection = collection
        self.partition = partition
    }

    /// An upsert of `rows`. Every column is written for every row: the full server crashes on an upsert that leaves a
    /// column with a default value out, and Milvus Lite would keep the old row's value.
    package func upsert(_ rows: [RowBatch.RowReference], of chunks: [DecodedChunk]) -> [UInt8] {
        let columns = chunks[0].columns.indices.map { ColumnEncoder(column: $0, rows: rows, chunks: chunks) }
        let names = database.utf8.count + collection.utf8.count + partition.utf8.count
        var writer = ProtobufWriter(capacity: columns.reduce(64 + names) { $0 + $1.fieldDataSize + 8 })
        writeTarget(to: &writer)
        for column in columns {
            writer.open(5, length: column.fieldDataSize)
            column.write(to: &writer)
        }
        writer.field(7, UInt64(rows.count))
        return writer.bytes
    }

    /// A delete of the keys that `key` finds for each of `rows`.
    package func delete(
        _ rows: [RowBatch.RowReference], of chunks: [DecodedChunk], key: (DecodedChunk) -> Column
    ) -> [UInt8] {
        let expression = KeyExpression.of(rows, in: chunks, key: key)
        var writer = ProtobufWriter(capacity: expression.count + 128)
        writeTarget(to: &writer)
        writer.open(5, length: expression.count)
        writer.append(expression[...])
        return writer.bytes
    }

    /// The fields in which both requests name the collection, under the same numbers.
    private func writeTarget(to writer: inout ProtobufWriter) {
        if !database.isEmpty { writer.field(2, database) }
        writer.field(3, collection)
        if !partition.isEmpty { writer.field(4, partition) }
    }
}
