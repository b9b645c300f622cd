import BackfillCore
import Foundation
import RowDecoding
import Testing

/// What every store promises of rows that are read back, on real servers.
@Suite(.serialized) struct QueryTests {
    @Test(arguments: TestedStore.allCases)
    func rowsAreFoundByTheirKeysAndInPages(tested: TestedStore) async throws {
        let name = TestedStore.newName()
        try await tested.open(name) { store in
            let schema = try await store.makeRows()
            // Milvus 2.3 does not find the greatest integer again.
            let keys = [.min, .min + 1, .max - 1, -1, 0, 1 << 53 + 1] + (1..<300).map { $0 * 7 }
            try await store.write(keys.shuffled().map { Rows.record($0) }, of: schema)
            try await store.write([Rows.record(7, name: #"new \"\\é"#)], deleting: [14], of: schema)

            let wanted = [.min, 1 << 53 + 1, 7, 14, 21, 22].map { PrimaryKey.integer($0) }
            let columns = try await store.query(RowQuery(.keys(wanted), fields: Array(schema.fields.prefix(2))))
            #expect(columns.map(\.field.name) == ["id", "name"])
            let names = (0..<columns[0].count).reduce(into: [:]) {
                $0[columns[0].integers[$1]] = columns[1].text(ofRow: $1)
            }
            #expect(columns[0].count == 4)
            #expect(names == [.min: "a", 1 << 53 + 1: "a", 7: #"new "\é"#, 21: "a"])
            let none = try await store.query(RowQuery(.keys([.integer(14)]), fields: schema.fields))
            #expect(none.map(\.count) == [0, 0, 0, 0] && none.map(\.field) == schema.fields)
            #expect(try await store.query(RowQuery(.keys([]), fields: schema.fields)).map(\.count) == [0, 0, 0, 0])

            let expected = keys.sorted().filter { $0 != 14 }.map { PrimaryKey.integer(Int64($0)) }
            #expect(try await store.pagedKeys(of: schema, limit: 64) == expected)
            #expect(try await store.pagedKeys(of: schema, limit: 41) == expected)

            try await store.createPartition("recent")
            try await tested.open(name, partition: "recent") { store in
                try await store.write([Rows.record(2), Rows.record(3)], of: schema)
                #expect(try await store.pagedKeys(of: schema, limit: 10) == [.integer(2), .integer(3)])
                let columns = try await store.query(
                    RowQuery(.keys([.integer(7), .integer(2)]), fields: schema.fields))
                #expect(columns[0].integers == [2])
            }
        }
    }

    @Test(arguments: [TestedStore.liteOverGRPC, .liteOverREST, .fullOverGRPC])
    func textKeysAreOrderedByTheirBytes(tested: TestedStore) async throws {
        try await tested.open(TestedStore.newName()) { store in
            var definition = Rows.definition
            definition.fields[0].type = .varChar(maxLength: 100)
            let schema = try await store.make(definition)
            let texts =
                ["", " ", "\"", "\\", "'", "a\nb", "Z", "a", "ä", "\u{E000}", "\u{FFFD}", "\u{1F600}"]
                + (0..<90).map { "key \($0)" }
            let records = try texts.map { text in
                let key = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
                return #"{"id":\#(key),"name":"","tags":[],"embedding":[0,0,0,1]}"#
            }
            try await store.write(records.shuffled(), of: schema)
            let expected = texts.map { PrimaryKey.text(Array($0.utf8)) }.sorted()
            #expect(try await store.pagedKeys(of: schema, limit: 7) == expected)
            let found = try await store.query(RowQuery(.keys(expected), fields: [schema.fields[0]]))[0]
            #expect((0..<found.count).map { found.key(ofRow: $0) }.sorted() == expected)
        }
    }

    @Test(arguments: TestedStore.allCases)
    func valuesAreReadAsTheyWereWritten(tested: TestedStore) async throws {
        try await tested.open(TestedStore.newName()) { store in
            let schema = try await store.make(Self.everything(tested))
            var random = SystemRandomNumberGenerator()
            let rows = (0..<40).map { Self.record($0, tested, using: &random) }
            let batch = try Rows.batch(of: schema, records: rows)
            try await store.write(store.encode(batch))
            let written = batch.chunks[0]
            let read = try await store.query(
                RowQuery(.page(after: nil, limit: 100), fields: written.columns.map(\.field)))
            for (written, read) in zip(written.columns, read) {
                #expect(read.count == written.count)
                // Servers write documents anew, with spaces and in another order.
                guard !["extra", "$meta"].contains(read.field.name) else { continue }
                // Defaults are filled in by servers.
                if read.field.defaultValue != nil {
                    #expect(zip(written.isPresent, read.integers).allSatisfy { $0 || $1 == 42 }, "\(read.field)")
                } else {
                    #expect(written.isPresent == read.isPresent, "\(read.field)")
                    #expect(written.integers == read.integers, "\(read.field)")
                }
                #expect(written.floats.map(\.bitPattern) == read.floats.map(\.bitPattern), "\(read.field)")
                #expect(written.doubles.map(\.bitPattern) == read.doubles.map(\.bitPattern), "\(read.field)")
                #expect(written.bytes == read.bytes && written.ends == read.ends, "\(read.field)")
            }
            for index in [written.columns.count - 1, written.columns.firstIndex { $0.field.name == "extra" } ?? 0] {
                for row in 0..<40 {
                    #expect(try written.columns[index].document(ofRow: row) == read[index].document(ofRow: row))
                }
            }
        }
    }

    /// A collection with a field of each type that the server has.
    private static func everything(_ tested: TestedStore) -> CollectionDefinition {
        var fields = [
            FieldSchema(name: "id", type: .int64, isPrimaryKey: true), FieldSchema(name: "flag", type: .bool),
            FieldSchema(name: "small", type: .int8), FieldSchema(name: "medium", type: .int16),
            FieldSchema(name: "large", type: .int32), FieldSchema(name: "huge", type: .int64),
            FieldSchema(name: "single", type: .float), FieldSchema(name: "double", type: .double),
            FieldSchema(name: "text", type: .varChar(maxLength: 200)), FieldSchema(name: "extra", type: .json),
            FieldSchema(name: "embedding", type: .floatVector(dimension: 4)),
        ]
        for element: FieldType in [.bool, .int32, .int64, .float, .double, .varChar(maxLength: 20)] {
            fields.append(
                FieldSchema(name: "list_\(element.name)", type: .array(element: element, maxCapacity: 9)))
        }
        var indexes = [CollectionDefinition.Index(field: "embedding", type: "FLAT", metric: "L2", parameters: [])]
        if tested.isLite {
            fields.append(FieldSchema(name: "maybe", type: .int64, isNullable: true))
            fields.append(FieldSchema(name: "filled", type: .int32, defaultValue: .int(42)))
            fields.append(FieldSchema(name: "place", type: .geometry))
            fields.append(FieldSchema(name: "sparse", type: .sparseFloatVector))
            indexes.append(.init(field: "sparse", type: "SPARSE_INVERTED_INDEX", metric: "IP", parameters: []))
        }
        return CollectionDefinition(fields: fields, hasDynamicField: true, indexes: indexes)
    }

    private static func record(
        _ id: Int, _ tested: TestedStore, using random: inout SystemRandomNumberGenerator
    ) -> String {
        func float() -> String {
            while true {
                let number = Float(bitPattern: random.next())
                if number.isFinite { return "\(number)" }
            }
        }
        func double() -> String {
            while true {
                let number = Double(bitPattern: random.next())
                if number.isFinite { return "\(number)" }
            }
        }
        func list(_ value: () -> String) -> String {
            "[" + (0..<Int.random(in: 0..<5, using: &random)).map { _ in value() }.joined(separator: ",") + "]"
        }
        let huge = { String(Int64.random(in: .min ... .max)) }
        var record =
            #"{"id":\#(id),"flag":\#(id % 2 == 0),"small":\#(id - 20),"medium":-\#(id),"large":\#(id << 20),"huge":\#(huge()),"#
            + #""single":\#(float()),"double":\#(double()),"text":"t \" \\ é \#(id)","extra":{"b":[1,"x",null],"a":\#(id)},"#
            + #""embedding":[\#(float()),-0.0,1e-45,\#(id)],"list_Bool":\#(list { "true" }),"list_Int32":\#(list { "-7" }),"#
            + #""list_Int64":\#(list(huge)),"list_Float":\#(list(float)),"list_Double":\#(list(double)),"#
            + #""list_VarChar":\#(list { #""é\"""# }),"member_\#(id)":{"x":[true]},"other":"\#(id)""#
        if tested.isLite {
            // REST is not written to with absent values.
            let isWhole = tested.isREST || id % 3 == 0
            record +=
                #","place":"POINT (\#(id) 2)","sparse":{"7":0.25,"1":\#(id + 1)}"#
                + (isWhole ? #","maybe":\#(huge()),"filled":5"# : "")
        }
        return record + "}"
    }
}

extension CollectionStore {
    fileprivate func pagedKeys(of schema: CollectionSchema, limit: Int) async throws -> [PrimaryKey] {
        var keys: [PrimaryKey] = []
        while true {
            let page = try await query(
                RowQuery(.page(after: keys.last, limit: limit), fields: [try #require(schema.primaryKey)]))[0]
            #expect(page.count <= limit)
            guard page.count > 0 else { return keys }
            keys += (0..<page.count).map { page.key(ofRow: $0) }
        }
    }
}

extension Column {
    fileprivate func text(ofRow row: Int) -> String { String(decoding: bytes[byteRange(row)], as: UTF8.self) }

    fileprivate func document(ofRow row: Int) throws -> NSObject? {
        try JSONSerialization.jsonObject(with: Data(bytes[byteRange(row)])) as? NSObject
    }
}
