package import BackfillCore

/// Writes upsert and delete requests of Milvus' RESTful API v2 straight from the columns of decoded chunks.
///
/// What a value has to look like follows from how the server reads it (milvus
/// `internal/distributed/proxy/httpserver/utils.go`, `checkAndSetData`).
package struct RowTextEncoder: Sendable {
    /// The members that name the collection, and where a row's members follow.
    private let target: [UInt8]

    /// - Parameters:
    ///   - database: empty: the server's default one.
    ///   - partition: empty: the server's choice.
    package init(database: String, collection: String, partition: String = "") {
        var target: [UInt8] = []
        for (name, value) in [("dbName", database), ("collectionName", collection), ("partitionName", partition)]
        where !value.isEmpty {
            Self.appendName(name, to: &target)
            JSONString.append(value.utf8.span, to: &target)
            target.append(UInt8(ascii: ","))
        }
        self.target = target
    }

    package func upsert(_ rows: [RowBatch.RowReference], of chunks: [DecodedChunk]) -> [UInt8] {
        let names = chunks[0].columns.map { column in
            var name: [UInt8] = []
            Self.appendName(column.field.name, to: &name)
            return name
        }
        var text: [UInt8] = []
        text.reserveCapacity(Self.estimatedSize(of: rows, in: chunks))
        text.append(UInt8(ascii: "{"))
        text.append(contentsOf: target)
        Self.appendName("data", to: &text)
        text.append(UInt8(ascii: "["))
        for (index, reference) in rows.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            Self.appendRow(Int(reference.row), of: chunks[Int(reference.chunk)], names, to: &text)
        }
        text.append(contentsOf: "]}".utf8)
        return text
    }

    /// A delete of the keys that `key` finds for each of `rows`.
    package func delete(
        _ rows: [RowBatch.RowReference], of chunks: [DecodedChunk], key: (DecodedChunk) -> Column
    ) -> [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "{")]
        text.append(contentsOf: target)
        Self.appendName("filter", to: &text)
        JSONString.append(KeyExpression.of(rows, in: chunks, key: key).span, to: &text)
        text.append(UInt8(ascii: "}"))
        return text
    }

    /// About three characters for each byte that a number takes in memory.
    private static func estimatedSize(of rows: [RowBatch.RowReference], in chunks: [DecodedChunk]) -> Int {
        rows.reduce(64) { size, reference in
            size
                + chunks[Int(reference.chunk)].columns.reduce(0) {
                    $0 + $1.size(ofRow: Int(reference.row)) * 3 + $1.field.name.utf8.count + 4
                }
        }
    }

    private static func appendName(_ name: String, to text: inout [UInt8]) {
        JSONString.append(name.utf8.span, to: &text)
        text.append(UInt8(ascii: ":"))
    }

    private static func appendRow(_ row: Int, of chunk: DecodedChunk, _ names: [[UInt8]], to text: inout [UInt8]) {
        text.append(UInt8(ascii: "{"))
        var isFirst = true
        for index in chunk.columns.indices {
            let column = chunk.columns[index]
            guard column.isPresent.isEmpty || column.isPresent[row] else { continue }
            let isDynamic = column.field.isDynamicColumn
            // The members of `$meta` stand beside the fields.
            let members = isDynamic ? column.byteRange(row).dropFirst().dropLast() : 0..<0
            if isDynamic, members.isEmpty { continue }
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            if isDynamic {
                text.append(contentsOf: column.bytes[members])
            } else {
                text.append(contentsOf: names[index])
                appendValue(row, of: column, to: &text)
            }
        }
        text.append(UInt8(ascii: "}"))
    }

    private static func appendValue(_ row: Int, of column: Column, to text: inout [UInt8]) {
        switch column.field.type {
        case .bool:
            text.append(contentsOf: column.integers[row] != 0 ? "true".utf8 : "false".utf8)
        case .int8, .int16, .int32, .int64:
            append(column.integers[row], to: &text)
        case .float:
            appendFloat(column.floats[row], to: &text)
        case .double:
            append(column.doubles[row], to: &text)
        case .json:
            text.append(contentsOf: column.bytes[column.byteRange(row)])
        case .varChar, .timestamptz, .geometry:
            JSONString.append(column.bytes.span.extracting(column.byteRange(row)), to: &text)
        case .array(let element, _):
            appendArray(column.byteRange(row), of: column.bytes, element, to: &text)
        case .vector(.float, let dimension):
            appendList(column.floats[row * dimension..<(row + 1) * dimension], to: &text) { value, text in
                appendFloat(value, to: &text)
            }
        case .vector(.int8, _):
            appendList(column.bytes[column.byteRange(row)], to: &text) { value, text in
                append(Int64(Int8(bitPattern: value)), to: &text)
            }
        case .vector:
            text.append(UInt8(ascii: "\""))
            Base64Text.append(column.bytes.span.extracting(column.byteRange(row)), to: &text)
            text.append(UInt8(ascii: "\""))
        case .sparseFloatVector:
            appendSparseVector(column.byteRange(row), of: column.bytes, to: &text)
        case .unsupported(let name):
            preconditionFailure("A plan refuses fields of type \(name).")
        }
    }

    private static func appendArray(
        _ row: Range<Int>, of bytes: [UInt8], _ element: FieldType, to text: inout [UInt8]
    ) {
        text.append(UInt8(ascii: "["))
        var position = row.lowerBound
        while position < row.upperBound {
            if position > row.lowerBound { text.append(UInt8(ascii: ",")) }
            switch element {
            case .varChar:
                let length = Int(ArrayElements.read(UInt32.self, from: bytes, at: &position))
                JSONString.append(bytes.span.extracting(position..<(position + length)), to: &text)
                position += length
            case .float:
                appendFloat(Float(bitPattern: ArrayElements.read(UInt32.self, from: bytes, at: &position)), to: &text)
            case .double:
                append(Double(bitPattern: ArrayElements.read(UInt64.self, from: bytes, at: &position)), to: &text)
            case .bool:
                let isTrue = ArrayElements.read(UInt64.self, from: bytes, at: &position) != 0
                text.append(contentsOf: isTrue ? "true".utf8 : "false".utf8)
            default:
                append(
                    Int64(bitPattern: ArrayElements.read(UInt64.self, from: bytes, at: &position)), to: &text)
            }
        }
        text.append(UInt8(ascii: "]"))
    }

    private static func appendSparseVector(_ row: Range<Int>, of bytes: [UInt8], to text: inout [UInt8]) {
        text.append(UInt8(ascii: "{"))
        var position = row.lowerBound
        while position < row.upperBound {
            if position > row.lowerBound { text.append(UInt8(ascii: ",")) }
            let index = ArrayElements.read(UInt32.self, from: bytes, at: &position)
            let value = Float(bitPattern: ArrayElements.read(UInt32.self, from: bytes, at: &position))
            text.append(UInt8(ascii: "\""))
            append(Int64(index), to: &text)
            text.append(contentsOf: "\":".utf8)
            appendFloat(value, to: &text)
        }
        text.append(UInt8(ascii: "}"))
    }

    private static func appendList<Elements: Collection>(
        _ elements: Elements, to text: inout [UInt8], _ append: (Elements.Element, inout [UInt8]) -> Void
    ) {
        text.append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            append(element, &text)
        }
        text.append(UInt8(ascii: "]"))
    }

    /// Some servers read a number as a Double and round that to a Float. The shortest text of every Float but this one
    /// and its negative survives it; all 2^31 were tried.
    private static let misread: Float = 7.038531e-26

    private static func appendFloat(_ number: Float, to text: inout [UInt8]) {
        if number.magnitude == misread { append(Double(number), to: &text) } else { append(number, to: &text) }
    }

    /// The shortest text that reads as this very number.
    private static func append(_ number: some LosslessStringConvertible, to text: inout [UInt8]) {
        text.append(contentsOf: number.description.utf8)
    }
}
