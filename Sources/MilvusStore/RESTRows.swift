import BackfillCore
import Foundation

/// The rows that `entities/query` answers with, as columns.
///
/// Numbers are read as what their field holds and not by way of a Double, so that none loses a bit.
struct RESTRows: Decodable {
    /// Where a decoder's `userInfo` has the fields that were asked for.
    static let fields = CodingUserInfoKey(rawValue: "fields")

    private(set) var columns: [Column]

    init(from decoder: any Decoder) throws {
        guard let key = Self.fields, let fields = decoder.userInfo[key] as? [FieldSchema] else {
            preconditionFailure("Rows are read by the fields that were asked for.")
        }
        columns = fields.map(Column.init)
        var rows = try decoder.unkeyedContainer()
        while !rows.isAtEnd {
            let row = try rows.nestedContainer(keyedBy: MemberName.self)
            for index in columns.indices { try Self.append(row, to: &columns[index], beside: fields) }
        }
    }

    private static func append(
        _ row: KeyedDecodingContainer<MemberName>, to column: inout Column, beside fields: [FieldSchema]
    ) throws {
        let field = column.field
        let name = MemberName(field.name)
        if field.isDynamicColumn, !row.contains(name) {
            return try appendMembers(of: row, to: &column, beside: fields)
        }
        if field.isOptional, try !row.contains(name) || row.decodeNil(forKey: name) { return column.appendAbsent() }
        switch field.type {
        case .bool: column.append(try row.decode(Bool.self, forKey: name) ? 1 : 0 as Int64)
        case .int8, .int16, .int32, .int64: column.append(try row.decode(Whole.self, forKey: name).value)
        case .float:
            column.floats.append(try row.decode(Float.self, forKey: name))
            column.closeRow()
        case .double: column.append(try row.decode(Double.self, forKey: name))
        case .varChar, .geometry, .timestamptz: column.appendText(try row.decode(String.self, forKey: name).utf8)
        case .json: column.appendText(try row.decode(Document.self, forKey: name).text.utf8)
        case .array(let element, _):
            try appendElements(of: row.nestedUnkeyedContainer(forKey: name), element, to: &column.bytes)
            column.closeRow()
        case .vector(.float, let dimension):
            let floats = try row.decode([Float].self, forKey: name)
            try require(floats.count == dimension, field)
            column.floats.append(contentsOf: floats)
            column.closeRow()
        case .vector(.int8, let dimension):
            let values = try row.decode([Int8].self, forKey: name)
            try require(values.count == dimension, field)
            column.bytes.append(contentsOf: values.lazy.map(UInt8.init(bitPattern:)))
            column.closeRow()
        case .vector:
            let bytes = try row.decode(Data.self, forKey: name)
            try require(bytes.count == column.stride, field)
            column.bytes.append(contentsOf: bytes)
            column.closeRow()
        case .sparseFloatVector:
            let pairs = try row.decode([String: Float].self, forKey: name).map { (UInt32($0), $1) }
            try require(pairs.allSatisfy { $0.0 != nil }, field)
            for (index, value) in pairs.sorted(by: { $0.0 ?? 0 < $1.0 ?? 0 }) {
                ArrayElements.append(index ?? 0, to: &column.bytes)
                ArrayElements.append(value, to: &column.bytes)
            }
            column.closeRow()
        case .unsupported(let name): preconditionFailure("A plan refuses fields of type \(name).")
        }
    }

    /// The members of `$meta`, which stand beside the fields.
    private static func appendMembers(
        of row: KeyedDecodingContainer<MemberName>, to column: inout Column, beside fields: [FieldSchema]
    ) throws {
        var members: [String: JSONValue] = [:]
        for name in row.allKeys where !fields.contains(where: { $0.name == name.stringValue }) {
            members[name.stringValue] = try row.decode(JSONValue.self, forKey: name)
        }
        column.appendText(JSONMembers.text(of: .object(members)).utf8)
    }

    private static func appendElements(
        of array: any UnkeyedDecodingContainer, _ element: FieldType, to bytes: inout [UInt8]
    ) throws {
        var array = array
        while !array.isAtEnd {
            switch element {
            case .bool: ArrayElements.append(try array.decode(Bool.self) ? 1 : 0 as Int64, to: &bytes)
            case .float: ArrayElements.append(try array.decode(Float.self), to: &bytes)
            case .double: ArrayElements.append(try array.decode(Double.self), to: &bytes)
            case .varChar: ArrayElements.append(try array.decode(String.self).utf8, to: &bytes)
            default: ArrayElements.append(try array.decode(Whole.self).value, to: &bytes)
            }
        }
    }

    private static func require(_ condition: Bool, _ field: FieldSchema) throws {
        guard !condition else { return }
        throw DecodingError.dataCorrupted(
            .init(codingPath: [], debugDescription: "field `\(field.name)` has a value that is no \(field.type)"))
    }
}

private struct MemberName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// An integer; a server that is told to spare its clients 64 bits answers with its digits as a string.
private struct Whole: Decodable {
    let value: Int64

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int64.self) {
            value = number
        } else if let number = Int64(try container.decode(String.self)) {
            value = number
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an integer")
        }
    }
}

/// The value of a JSON field, which servers before 3.0.1 answer as a string that holds its text.
private struct Document: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer().decode(JSONValue.self)
        text = if case .text(let text) = value { text } else { JSONMembers.text(of: value) }
    }
}
