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

    /// What a query selects; empty where that is every row.
    ///
    /// Servers read a minus apart from its digits, so that the least integer cannot be named.
    static func of(_ query: RowQuery) -> [UInt8] {
        let name = query.fields[0].name
        let leastButOne = Int64.min + 1
        var expression: [UInt8] = []
        switch query.selection {
        case .keys(let keys):
            let least = PrimaryKey.integer(.min)
            expression.append(contentsOf: "\(name) in [".utf8)
            for (index, key) in keys.lazy.filter({ $0 != least }).enumerated() {
                if index > 0 { expression.append(UInt8(ascii: ",")) }
                append(key, to: &expression)
            }
            expression.append(UInt8(ascii: "]"))
            if keys.contains(least) { expression.append(contentsOf: " or \(name) < \(leastButOne)".utf8) }
        case .page(.integer(.min), _): expression.append(contentsOf: "\(name) >= \(leastButOne)".utf8)
        case .page(.some(let key), _):
            expression.append(contentsOf: "\(name) > ".utf8)
            append(key, to: &expression)
        case .page(nil, _): break
        }
        return expression
    }

    private static func append(_ key: PrimaryKey, to expression: inout [UInt8]) {
        switch key {
        case .integer(let value): expression.append(contentsOf: String(value).utf8)
        case .text(let bytes): appendLiteral(bytes[...], to: &expression)
        }
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
