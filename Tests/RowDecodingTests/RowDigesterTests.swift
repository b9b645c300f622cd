import BackfillCore
import RowDecoding
import TestSupport
import Testing

struct RowDigesterTests {
    /// The digest of a row with one value, as text for JSON, times and geometries.
    private func digest(
        _ text: String?, _ type: FieldType, name: String = "value", isNullable: Bool = true,
        defaultValue: DefaultValue? = nil, limits: ServerLimits = ServerLimits(name: "Milvus")
    ) -> RowDigest {
        var column = Column(
            field: FieldSchema(name: name, type: type, isNullable: isNullable, defaultValue: defaultValue))
        if let text { column.appendText(text.utf8) } else { column.appendAbsent() }
        var digester = RowDigester(limits: limits)
        return digester.digest(row: 0, of: [column])
    }

    @Test(arguments: [
        (#"{"a":1,"b":[true,null]}"#, #" { "b" : [ true , null ], "a":1.0 } "#), (#""é\n""#, #""\u00e9\u000A""#),
        ("1e2", "100"), ("-0", "0"), ("-0.0", "0"), ("0.1", "1e-1"), (#"{"a":1,"a":2}"#, #"{"a":2}"#), ("[]", "[ ]"),
        ("18446744073709551616", "18446744073709551616"), ("{\"a\":\n1}", #"{"a":1}"#),
        ("0.1000000000000000055511151231257827", "0.1"), ("[1e400]", "[1e999]"),
    ])
    func documentsThatMeanTheSameAreEqual(one: String, other: String) {
        #expect(digest(one, .json) == digest(other, .json))
    }

    @Test(arguments: [
        ("1", #""1""#), ("[1,2]", "[2,1]"), ("[[1],2]", "[[1,2]]"), ("9007199254740993", "9007199254740992"),
        (#"{"a":null}"#, "{}"), ("true", "false"), (#"{"a":"b"}"#, #"{"b":"a"}"#), ("0.1", "0.10000000000000002"),
        (#"["ab","c"]"#, #"["a","bc"]"#), ("1", "-1"), ("[]", "{}"), ("[", "]"),
        ("18446744073709551616", "18446744073709551617"),
    ])
    func documentsThatMeanSomethingElseAreNot(one: String, other: String) {
        #expect(digest(one, .json) != digest(other, .json))
    }

    @Test func numbersOfTheDynamicFieldCountAsTheServerKeepsThem() {
        let (one, other) = (#"{"a":[9007199254740993]}"#, #"{"a":[9007199254740992]}"#)
        #expect(digest(one, .json, name: "$meta") != digest(other, .json, name: "$meta"))
        let limits = ServerLimits(name: "REST", missing: [.exactDynamicNumbers])
        #expect(
            digest(one, .json, name: "$meta", limits: limits) == digest(other, .json, name: "$meta", limits: limits))
        #expect(digest(one, .json, limits: limits) != digest(other, .json, limits: limits))
    }

    @Test func timesCountByTheirMoment() {
        let time = "2026-01-02T03:04:05.678901Z"
        #expect(digest(time, .timestamptz) == digest("2026-01-02T05:04:05.678901+02:00", .timestamptz))
        #expect(digest(time, .timestamptz) != digest("2026-01-02T03:04:05.678902Z", .timestamptz))
        #expect(digest("2026-01-02T03:04:05Z", .timestamptz) == digest("2026-01-02T03:04:05.000000Z", .timestamptz))
    }

    @Test func geometriesCountByTheirWordsAndCoordinates() {
        let shape = "POLYGON ((0 0, 1e1 0, 10.50 -1, 0 0))"
        #expect(digest(shape, .geometry) == digest("polygon((0 0,10 0,10.5 -1.0,0 0))", .geometry))
        #expect(digest(shape, .geometry) != digest("POLYGON ((0 0, 10 0, 10.5 1, 0 0))", .geometry))
        #expect(digest("POINT EMPTY", .geometry) == digest("Point empty", .geometry))
        #expect(digest("POINT (1 2)", .geometry) != digest("POINT (12)", .geometry))
    }

    @Test func anAbsentValueIsTheDefaultAndOtherwiseNull() {
        let text = FieldType.varChar(maxLength: 9)
        #expect(digest(nil, text, defaultValue: .text("x")) == digest("x", text))
        #expect(digest(nil, text) != digest("", text))
    }

    @Test func everyBitOfAFloatCounts() {
        func digest(_ vector: [Float], limits: ServerLimits = ServerLimits(name: "Milvus")) -> RowDigest {
            var column = Column(field: FieldSchema(name: "v", type: .floatVector(dimension: 3), isNullable: true))
            if vector.isEmpty {
                column.appendAbsent()
            } else {
                column.floats += vector
                column.closeRow()
            }
            var digester = RowDigester(limits: limits)
            return digester.digest(row: 0, of: [column])
        }
        let vector: [Float] = [1, 0, -2.5]
        for index in 0..<3 {
            for bit in 0..<32 as Range<UInt32> {
                var other = vector
                other[index] = Float(bitPattern: other[index].bitPattern ^ 1 << bit)
                #expect(digest(vector) != digest(other))
            }
        }
        #expect(digest([]) != digest([0, 0, 0]))
        let lite = ServerLimits(name: "Milvus Lite", missing: [.nullVectorsReadBack])
        #expect(digest([], limits: lite) == digest([0, 0, 0], limits: lite))
    }

    @Test func elementsOfASparseVectorThatAreZeroDoNotCount() {
        func digest(_ pairs: (UInt32, Float)...) -> RowDigest {
            var column = Column(field: FieldSchema(name: "v", type: .sparseFloatVector))
            for (index, value) in pairs {
                ArrayElements.append(index, to: &column.bytes)
                ArrayElements.append(value, to: &column.bytes)
            }
            column.closeRow()
            var digester = RowDigester(limits: ServerLimits(name: "Milvus"))
            return digester.digest(row: 0, of: [column])
        }
        #expect(digest((1, 0), (2, 0.5)) == digest((2, 0.5), (7, -0.0)))
        #expect(digest((1, 0.5)) != digest((2, 0.5)))
    }
}
