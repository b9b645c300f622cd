package import BackfillCore

/// Writes upsert and delete requests straight from the columns of decoded chunks.
///
/// The bytes equal those of the generated `UpsertRequest` and `DeleteRequest`; a test compares them. Field numbers are
/// those of Milvus' public `milvus.proto` and `schema.proto`.
package struct RequestEncoder: Sendable {
    package let database: String
    package let collection: String

    package init(database: String, collection: String) {
        self.database = database
        self.collection = collection
    }

    /// An upsert of `rows`. Every column is written for every row: the full server crashes on an upsert that leaves a
    /// column with a default value out, and Milvus Lite would keep the old row's value.
    package func upsert(_ rows: [RowBatch.RowReference], of chunks: [DecodedChunk]) -> [UInt8] {
        let columns = chunks[0].columns.indices.map { ColumnEncoder(column: $0, rows: rows, chunks: chunks) }
        let size = columns.reduce(64 + database.utf8.count + collection.utf8.count) { $0 + $1.fieldDataSize + 8 }
        var writer = ProtobufWriter(capacity: size)
        if !database.isEmpty { writer.field(2, database) }
        writer.field(3, collection)
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
        var expression: [UInt8] = []
        var name = ""
        for (index, row) in rows.enumerated() {
            let column = key(chunks[Int(row.chunk)])
            name = column.field.name
            if index > 0 { expression.append(UInt8(ascii: ",")) }
            if column.layout == .bytes {
                Self.appendLiteral(column.bytes[column.byteRange(Int(row.row))], to: &expression)
            } else {
                expression.append(contentsOf: String(column.integers[Int(row.row)]).utf8)
            }
        }
        let head = "\(name) in ["
        var writer = ProtobufWriter(capacity: expression.count + 128)
        if !database.isEmpty { writer.field(2, database) }
        writer.field(3, collection)
        writer.open(5, length: head.utf8.count + expression.count + 1)
        writer.append(Array(head.utf8)[...])
        writer.append(expression[...])
        writer.append(UInt8(ascii: "]"))
        return writer.bytes
    }

    /// Text as a string literal of Milvus' expression language. Other control characters stand for themselves: Milvus
    /// Lite knows no escape for them.
    private static func appendLiteral(_ text: ArraySlice<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text {
            let escape: Character? =
                switch byte {
                case UInt8(ascii: "\""): "\""
                case UInt8(ascii: "\\"): "\\"
                case UInt8(ascii: "\n"): "n"
                case UInt8(ascii: "\r"): "r"
                case UInt8(ascii: "\t"): "t"
                default: nil
                }
            if let escape {
                output.append(UInt8(ascii: "\\"))
                output.append(contentsOf: escape.utf8)
            } else {
                output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
