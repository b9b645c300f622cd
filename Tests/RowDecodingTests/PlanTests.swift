import BackfillCore
import RowDecoding
import Testing

@Suite("A mapping that does not fit the collection")
struct PlanTests {
    private func findings(
        _ fields: [FieldSchema], _ sources: [String: FieldSource] = [:], form: RecordForm = .record
    ) -> [String] {
        findings(fields, mapping: RecordMapping(fields: sources), form: form)
    }

    private func findings(_ fields: [FieldSchema], mapping: RecordMapping, form: RecordForm) -> [String] {
        let schema = CollectionSchema(name: "articles", id: 1, fields: fields, hasDynamicField: false)
        do {
            _ = try RecordPlan(schema: schema, mapping: mapping, form: form)
            return []
        } catch {
            return error.findings
        }
    }

    private static let key = Records.key

    @Test("because the server makes the key")
    func autoID() {
        #expect(
            findings([FieldSchema(name: "pk", type: .int64, isPrimaryKey: true, isAutoID: true)]) == [
                "its primary key `pk` is made by the server (autoID), so that a repeated write would duplicate rows: "
                    + "use a collection whose key comes from the records"
            ])
    }

    @Test("because there is no key, or one of another type")
    func primaryKey() {
        #expect(findings([FieldSchema(name: "a", type: .int64)]) == ["the collection has no primary key"])
        #expect(findings([]) == ["the collection has no primary key"])
        #expect(
            findings([FieldSchema(name: "a", type: .int32, isPrimaryKey: true)])
                == ["its primary key `a` is of type Int32, neither Int64 nor VarChar"])
    }

    @Test("because this version does not write a type, which is named")
    func unsupportedTypes() {
        for name in ["Text", "ArrayOfStruct", "type 77"] {
            #expect(
                findings([Self.key, FieldSchema(name: "s", type: .unsupported(name), isNullable: true)])
                    == ["field `s` is of type \(name), which this version does not write"])
        }
        let elements: [FieldType] = [
            .json, .floatVector(dimension: 2), .vector(.int8, dimension: 2), .sparseFloatVector, .geometry,
            .timestamptz, .array(element: .int8, maxCapacity: 1), .unsupported("Text"),
        ]
        for element in elements {
            let type = FieldType.array(element: element, maxCapacity: 3)
            #expect(
                findings([Self.key, FieldSchema(name: "a", type: type)])
                    == ["field `a` is of type \(type), which this version does not write"])
        }
        let function = FieldSchema(name: "s", type: .unsupported("Text"), isFunctionOutput: true)
        #expect(findings([Self.key, function]) == [], "the server fills it")
    }

    @Test("not because of the other types, nullable or with a default")
    func supportedTypes() {
        let types: [FieldType] =
            [
                .bool, .int8, .int16, .int32, .int64, .float, .double, .json, .geometry, .timestamptz,
                .varChar(maxLength: 9), .array(element: .varChar(maxLength: 9), maxCapacity: 2), .sparseFloatVector,
            ] + VectorElement.allCases.map { .vector($0, dimension: 8) }
        for type in types {
            for isNullable in [true, false] {
                let field = FieldSchema(
                    name: "x", type: type, isNullable: isNullable, defaultValue: isNullable ? nil : .long(1))
                #expect(findings([Self.key, field]) == [], "\(type)")
            }
        }
    }

    @Test("because it maps what is no field, or one that the server fills")
    func unknownFields() {
        let function = FieldSchema(name: "s", type: .floatVector(dimension: 2), isFunctionOutput: true)
        let title = FieldSchema(name: "title", type: .json)
        #expect(
            findings([Self.key, title, function], ["titel": .member("t"), "s": .member("s"), "": .member("x")]) == [
                "record.fields maps ``, which is no field of the collection (its fields: `id`, `title`)",
                "record.fields maps `s`, which the server computes by itself",
                "record.fields maps `titel`, which is no field of the collection (its fields: `id`, `title`)",
            ])
    }

    @Test("because two fields take one member, each such member once")
    func repeatedMembers() {
        let fields = [Self.key] + ["a", "b", "c", "d"].map { FieldSchema(name: $0, type: .json) }
        #expect(findings(fields, ["a": .member("b")]) == ["two fields take the record member `b`"])
        #expect(
            findings(fields, ["a": .member("b"), "c": .member("d")])
                == ["two fields take the record member `b`", "two fields take the record member `d`"])
        #expect(
            findings(fields, ["a": .member("id"), "b": .member("id")]) == ["two fields take the record member `id`"])
        #expect(findings(fields, ["a": .member("b"), "b": .member("a")]) == [])
    }

    private static let sources: [FieldSource] = [.key, .topic, .partition, .offset, .timestamp, .header("h")]

    @Test("because a line without envelope has no such thing", arguments: sources)
    func withoutEnvelope(source: FieldSource) {
        let field = FieldSchema(name: "a", type: .varChar(maxLength: 9))
        #expect(
            findings([Self.key, field], ["a": source])
                == [
                    "field `a` takes `\(source)`, which only a message has, and a line of this dump is the record itself"
                ])
    }

    @Test("because the field cannot hold what the message gives", arguments: sources)
    func wrongType(source: FieldSource) {
        let everyType: [FieldType] = [
            .bool, .int8, .int16, .int32, .int64, .float, .double, .json, .varChar(maxLength: 9),
            .array(element: .int8, maxCapacity: 2), .floatVector(dimension: 2), .vector(.float16, dimension: 2),
            .vector(.bfloat16, dimension: 2), .vector(.int8, dimension: 2), .vector(.binary, dimension: 8),
            .sparseFloatVector, .geometry, .timestamptz,
        ]
        let fitting: [FieldSource: Set<FieldType>] = [
            .key: [.int64, .varChar(maxLength: 9)], .topic: [.varChar(maxLength: 9)], .partition: [.int32, .int64],
            .offset: [.int64], .timestamp: [.int64], .header("h"): [.varChar(maxLength: 9)],
        ]
        for type in everyType {
            let found = findings([Self.key, FieldSchema(name: "a", type: type)], ["a": source], form: .kcat)
            let fits = fitting[source]?.contains(type) == true
            #expect(found == (fits ? [] : ["field `a` of type \(type) cannot hold `\(source)`"]))
        }
    }

    @Test("not for anything that a message has, whether it is a line or comes from a topic", arguments: sources)
    func everyMessage(source: FieldSource) {
        let field = FieldSchema(
            name: "a",
            type: source == .key || source == .topic || source == .header("h")
                ? .varChar(maxLength: 9) : .int64)
        for form in [RecordForm.kcat, .message] {
            #expect(findings([Self.key, field], ["a": source], form: form) == [])
        }
    }

    @Test("because a key of bytes that stand for an integer is no text")
    func integerKeys() throws {
        func found(
            _ fields: [FieldSchema], _ sources: [String: FieldSource] = [:],
            tombstones: RecordMapping.Tombstones = .delete, form: RecordForm = .message
        ) -> [String] {
            let mapping = RecordMapping(
                fields: sources, key: MessageKey(format: .integer), tombstones: tombstones)
            return findings(fields, mapping: mapping, form: form)
        }
        let text = FieldSchema(name: "id", type: .varChar(maxLength: 9), isPrimaryKey: true)
        let other = FieldSchema(name: "a", type: .varChar(maxLength: 9))
        for form in [RecordForm.kcat, .message] {
            #expect(
                found([text], form: form) == [
                    "its primary key `id` is of type VarChar(9), and a key of record.key's format `integer`, which names "
                        + "the row that a tombstone deletes, is no text"
                ])
            #expect(
                found([Self.key, other], ["a": .key], form: form) == [
                    "field `a` of type VarChar(9) takes `$key`, and a key of record.key's format `integer` is no text"
                ])
        }
        #expect(found([text], ["id": .key]).count == 1, "said once")
        #expect(found([text], tombstones: .skip) == [], "the key is not read at all")
        #expect(found([text], form: .record) == [], "there is no key")
        #expect(found([Self.key, other]) == [])
        #expect(found([Self.key, FieldSchema(name: "a", type: .int64)], ["a": .key]) == [])
    }

    @Test("is reported with everything at once")
    func everything() throws {
        let fields = [
            FieldSchema(name: "id", type: .int64, isPrimaryKey: true, isAutoID: true),
            FieldSchema(name: "s", type: .unsupported("Text")), FieldSchema(name: "a", type: .json),
            FieldSchema(name: "b", type: .json), FieldSchema(name: "at", type: .float),
        ]
        let mapping: [String: FieldSource] = ["a": .member("b"), "at": .timestamp, "zzz": .key]
        let found = findings(fields, mapping, form: .kcat)
        #expect(found.count == 5)
        for part in ["type Text", "autoID", "`zzz`", "member `b`", "cannot hold `$timestamp`"] {
            #expect(found.count { $0.contains(part) } == 1, "\(part)")
        }
        #expect(found.allSatisfy { !$0.hasSuffix(".") })
        let error = PlanError(collection: "articles", findings: found)
        #expect(error.description.hasPrefix("the records cannot be written into collection `articles`: "))
        #expect(found.allSatisfy { error.description.contains($0) })
        #expect(error.exitStatus == .failed)
    }

    @Test("and one that fits lists where every field's value comes from")
    func summary() throws {
        let records = try Records(
            [
                Records.key, FieldSchema(name: "title", type: .varChar(maxLength: 9)),
                FieldSchema(name: "at", type: .int64),
                FieldSchema(name: "sparse", type: .sparseFloatVector, isFunctionOutput: true),
            ], isDynamic: true, mapping: RecordMapping(fields: ["title": .header("t"), "at": .member("time")]),
            form: .kcat)
        #expect(
            records.plan.summary == [
                "id Int64 primaryKey <- id", "title VarChar(9) <- $header.t", "at Int64 <- time",
                "$meta JSON <- every other member",
            ])
        #expect(records.plan.fields.map(\.name) == ["id", "title", "at", "$meta"])
    }
}
