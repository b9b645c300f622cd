import BackfillCore

/// Names rows by their primary keys in Milvus' expression language.
enum KeyExpression {
    /// `id in [1,2]` with the key that `key` finds for each of `rows`.
    static func of(
        _ rows: [RowBatch.RowReference], in chunks: [DecodedChunk], key: (DecodedChunk) -> Column
    ) -> [UInt8] {
        var expression: [UInt8] = []
        for (index, row) in rows.enumerated() {
            let column = key(chunks[Int(row.chunk)])
            expression.append(contentsOf: index == 0 ? "\(column.field.name) in [".utf8 : ",".utf8)
            if column.layout == .bytes {
                appendLiteral(column.bytes[column.byteRange(Int(row.row))], to: &expression)
            } else {
                expression.append(contentsOf: String(column.integers[Int(row.row)]).utf8)
            }
        }
        expression.append(UInt8(ascii: "]"))
        return expression
    }

    /// Text as a string literal. Other control characters stand for themselves: Milvus Lite knows no escape for them.
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
