import BackfillCore
import RowDecoding
import Testing

@Suite("A value that is missing or null")
struct AbsentValueTests {
    private static let types: [FieldType] = [
        .bool, .int8, .int16, .int32, .int64, .float, .double, .json, .varChar(maxLength: 5),
        .array(element: .int8, maxCapacity: 2), .floatVector(dimension: 2), .vector(.float16, dimension: 2),
        .vector(.bfloat16, dimension: 2), .vector(.int8, dimension: 2), .vector(.binary, dimension: 16),
        .sparseFloatVector, .geometry, .timestamptz,
    ]

    private static let values: [FieldType: String] = [
        .bool: "true", .float: "1.5", .double: "1.5", .json: "{}", .varChar(maxLength: 5): #""x""#,
        .array(element: .int8, maxCapacity: 2): "[1]", .floatVector(dimension: 2): "[1,2]",
        .vector(.float16, dimension: 2): "[1,2]",
        .vector(.bfloat16, dimension: 2): "[1,2]", .vector(.int8, dimension: 2): "[1,2]",
        .vector(.binary, dimension: 16): "[1,2]", .sparseFloatVector: #"{"1":2}"#, .geometry: #""POINT (1 2)""#,
        .timestamptz: #""2026-01-02T03:04:05Z""#,
    ]

    @Test("is absent in a nullable field and in one with a default", arguments: types)
    func optional(type: FieldType) throws {
        let value = Self.values[type] ?? "1"
        for isNullable in [true, false] {
            let records = try Records(value: type, isNullable: isNullable, defaultValue: isNullable ? nil : .long(1))
            let chunk = records.decode(
                #"{"id":1}"#, #"{"id":2,"value":\#(value)}"#, #"{"id":3,"value":null}"#, #"{"id":4,"value": null }"#,
                #"{"id":5,"value":\#(value)}"#)
            #expect(chunk.reasons == [])
            let cells = chunk.cells("value")
            #expect(cells.map { $0 == .absent } == [true, false, true, true, false])
            #expect(cells[1] == cells[4])
        }
    }

    @Test("is refused where the field needs one", arguments: types)
    func required(type: FieldType) throws {
        let records = try Records(value: type)
        let chunk = records.decode(#"{"id":1}"#, #"{"id":2,"value":null}"#)
        #expect(chunk.rows == [])
        #expect(
            chunk.reasons == [
                "field `value`: the record has no value for it", "field `value`: null, and the field is not nullable",
            ])
    }

    @Test("is refused for the key")
    func key() throws {
        let chunk = try Records(value: .bool, isNullable: true)
            .decode(#"{"value":true}"#, #"{"id":null,"value":true}"#, "{}")
        #expect(
            chunk.reasons == [
                "field `id`: the record has no value for it", "field `id`: null, and the field is not nullable",
                "field `id`: the record has no value for it",
            ])
    }

    @Test("null is spelled in full")
    func spelling() throws {
        let records = try Records(value: .int8, isNullable: true)
        for text in ["nul", "nulll", "Null", "nil", "n", "None", #""null"x"#] {
            #expect(records.value(text) == nil, "\(text)")
        }
    }
}
