import BackfillCore
import Foundation

/// Turns the columns of a server's answer into ours.
enum FieldDataReader {
    /// - Parameter columns: in any order; beyond those of the query they are passed over.
    static func columns(
        _ columns: [Milvus_Proto_Schema_FieldData], of query: RowQuery
    ) throws(StoreError) -> [Column] {
        let key = query.fields[0]
        guard let keys = columns.first(where: { $0.fieldName == key.name }) else {
            // Some servers answer without columns where there are no rows.
            guard columns.isEmpty else { throw .fatal("Query: the answer has no keys") }
            return query.fields.map(Column.init)
        }
        let count = max(keys.scalars.longData.data.count, keys.scalars.stringData.data.count)
        var result: [Column] = []
        for field in query.fields {
            guard let column = columns.first(where: { $0.holds(field) }) else {
                guard count > 0 else { return query.fields.map(Column.init) }
                throw .fatal("Query: the answer has no column `\(field.name)`")
            }
            result.append(try read(column, field, rows: count))
        }
        return result
    }

    private static func read(
        _ data: Milvus_Proto_Schema_FieldData, _ field: FieldSchema, rows: Int
    ) throws(StoreError) -> Column {
        var column = Column(field: field)
        column.reserve(rows: rows)
        let validity = field.isOptional ? data.validData : []
        func fill<Values: RandomAccessCollection<Element>, Element>(
            _ values: Values, _ append: (inout Column, Element) -> Void
        ) throws(StoreError) where Values.Index == Int {
            // Servers differ in whether absent values keep their place.
            let isCompact = values.count != rows && values.count == validity.count(where: \.self)
            guard values.count == rows || isCompact, validity.isEmpty || validity.count == rows else {
                throw .fatal("Query: column `\(field.name)` has \(values.count) values for \(rows) rows")
            }
            var next = values.startIndex
            for row in 0..<rows {
                let isPresent = validity.isEmpty || validity[row]
                if isPresent { append(&column, values[next]) } else { column.appendAbsent() }
                if isPresent || !isCompact { next += 1 }
            }
        }
        let (scalars, vectors) = (data.scalars, data.vectors)
        func fillPacked(_ bytes: Data) throws(StoreError) {
            let bytes = Array(bytes)
            try fill(Slices(elements: bytes, length: column.stride)) { column, value in
                column.bytes.append(contentsOf: value)
                column.closeRow()
            }
        }
        switch field.type {
        case .bool: try fill(scalars.boolData.data) { $0.append($1 ? 1 : 0 as Int64) }
        case .int8, .int16, .int32: try fill(scalars.intData.data) { $0.append(Int64($1)) }
        case .int64: try fill(scalars.longData.data) { $0.append($1) }
        case .float:
            try fill(scalars.floatData.data) { column, value in
                column.floats.append(value)
                column.closeRow()
            }
        case .double: try fill(scalars.doubleData.data) { $0.append($1) }
        case .varChar, .timestamptz: try fill(scalars.stringData.data) { $0.appendText($1.utf8) }
        case .geometry: try fill(scalars.geometryWktData.data) { $0.appendText($1.utf8) }
        case .json: try fill(scalars.jsonData.data) { $0.appendText($1) }
        case .array(let element, _):
            try fill(scalars.arrayData.data) { column, values in
                append(values, element, to: &column.bytes)
                column.closeRow()
            }
        case .vector(.float, let dimension):
            try fill(Slices(elements: vectors.floatVector.data, length: dimension)) { column, value in
                column.floats.append(contentsOf: value)
                column.closeRow()
            }
        case .vector(.binary, _): try fillPacked(vectors.binaryVector)
        case .vector(.float16, _): try fillPacked(vectors.float16Vector)
        case .vector(.bfloat16, _): try fillPacked(vectors.bfloat16Vector)
        case .vector(.int8, _): try fillPacked(vectors.int8Vector)
        case .sparseFloatVector: try fill(vectors.sparseFloatVector.contents) { $0.appendText($1) }
        case .unsupported(let name): preconditionFailure("A plan refuses fields of type \(name).")
        }
        return column
    }

    private static func append(
        _ values: Milvus_Proto_Schema_ScalarField, _ element: FieldType, to bytes: inout [UInt8]
    ) {
        switch element {
        case .bool: for value in values.boolData.data { ArrayElements.append(value ? 1 : 0 as Int64, to: &bytes) }
        case .int64: for value in values.longData.data { ArrayElements.append(value, to: &bytes) }
        case .float: for value in values.floatData.data { ArrayElements.append(value, to: &bytes) }
        case .double: for value in values.doubleData.data { ArrayElements.append(value, to: &bytes) }
        case .varChar: for value in values.stringData.data { ArrayElements.append(value.utf8, to: &bytes) }
        default: for value in values.intData.data { ArrayElements.append(Int64(value), to: &bytes) }
        }
    }
}

/// Elements that lie end to end, as rows of one length.
private struct Slices<Element>: RandomAccessCollection {
    let elements: [Element]
    let length: Int

    var startIndex: Int { 0 }
    var endIndex: Int { elements.count / length }

    subscript(row: Int) -> ArraySlice<Element> { elements[row * length..<(row + 1) * length] }
}

extension Milvus_Proto_Schema_FieldData {
    /// Not every server names the dynamic field.
    fileprivate func holds(_ field: FieldSchema) -> Bool {
        fieldName == field.name || (field.isDynamicColumn && isDynamic)
    }
}
