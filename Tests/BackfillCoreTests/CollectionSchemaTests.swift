import BackfillCore
import Testing

@Suite("The fingerprint of a collection's schema")
struct CollectionSchemaTests {
    private static let fields = [
        FieldSchema(name: "id", type: .int64, isPrimaryKey: true),
        FieldSchema(name: "title", type: .varChar(maxLength: 10)),
    ]

    private func fingerprint(_ fields: [FieldSchema] = fields, isDynamic: Bool = false) -> [String] {
        CollectionSchema(name: "a", id: 1, fields: fields, hasDynamicField: isDynamic).fingerprint
    }

    @Test("differs for every type, and for every limit of a type")
    func types() {
        let types: [FieldType] = [
            .bool, .int8, .int16, .int32, .int64, .float, .double, .json, .varChar(maxLength: 10),
            .varChar(maxLength: 11),
            .array(element: .int8, maxCapacity: 5), .array(element: .int8, maxCapacity: 6),
            .array(element: .int16, maxCapacity: 5), .array(element: .varChar(maxLength: 5), maxCapacity: 5),
            .array(element: .varChar(maxLength: 6), maxCapacity: 5), .floatVector(dimension: 5),
            .floatVector(dimension: 6), .vector(.float16, dimension: 6), .vector(.bfloat16, dimension: 6),
            .vector(.int8, dimension: 8), .vector(.binary, dimension: 8), .sparseFloatVector, .geometry, .timestamptz,
            .unsupported("Text"), .unsupported("ArrayOfStruct"),
        ]
        #expect(Set(types.map { fingerprint([FieldSchema(name: "x", type: $0)]) }).count == types.count)
        #expect(Set(types.map(\.description)).count == types.count)
    }

    @Test("differs for every property of a field, alone and together")
    func properties() {
        var seen: Set<[String]> = []
        for bits in 0..<64 {
            let field = FieldSchema(
                name: "x", type: .int64, isPrimaryKey: bits & 1 > 0, isAutoID: bits & 2 > 0, isNullable: bits & 4 > 0,
                defaultValue: bits & 8 > 0 ? .long(7) : nil, isPartitionKey: bits & 16 > 0,
                isFunctionOutput: bits & 32 > 0)
            seen.insert(fingerprint([field]))
        }
        #expect(seen.count == 64)
    }

    @Test("differs when a field is added, left out or renamed, and for the dynamic field")
    func fields() {
        let more = Self.fields + [FieldSchema(name: "size", type: .int8)]
        var renamed = Self.fields
        renamed[1].name = "Title"
        let all = [
            fingerprint(), fingerprint(isDynamic: true), fingerprint(more), fingerprint(Array(Self.fields.dropLast())),
            fingerprint(renamed), fingerprint([]), fingerprint([], isDynamic: true),
        ]
        #expect(Set(all).count == all.count)
    }

    @Test("does not depend on the order in which the server lists the fields, nor on name and number")
    func same() {
        #expect(fingerprint(Self.fields.reversed()) == fingerprint())
        let other = CollectionSchema(name: "b", id: 2, fields: Self.fields, hasDynamicField: false)
        #expect(other.fingerprint == fingerprint())
    }
}
