import BackfillCore
import RowDecoding
import Testing

@Suite("A look at the first records")
struct SurveyTests {
    private typealias Report = (findings: [String], warnings: [String])

    private func report(
        _ lines: [String], _ fields: [FieldSchema], isDynamic: Bool = false, mapping: RecordMapping = RecordMapping(),
        form: RecordForm = .record, limits: ServerLimits = ServerLimits(name: "Milvus"), records: Int = 100,
        minimum: Int = 1
    ) throws -> Report {
        let schema = CollectionSchema(name: "articles", id: 7, fields: fields, hasDynamicField: isDynamic)
        let draft = RecordPlan.draft(schema: schema, mapping: mapping, form: form, limits: limits)
        let decoder = ChunkDecoder(plan: try #require(draft.plan), lanes: 1, unit: 0, fileNames: ["dump.jsonl"])
        let chunk = SourceChunk.lines(Records.chunk(lines.flatMap { Array("\($0)\n".utf8) }))
        return decoder.survey(chunk, records: records, minimum: minimum)
    }

    private func report(
        _ messages: [TestMessage], _ fields: [FieldSchema], mapping: RecordMapping = RecordMapping(),
        records: Int = 100,
        minimum: Int = 1
    ) throws -> Report {
        let schema = CollectionSchema(name: "articles", id: 7, fields: fields, hasDynamicField: false)
        let draft = RecordPlan.draft(
            schema: schema, mapping: mapping, form: .message, limits: ServerLimits(name: "Milvus"))
        let decoder = ChunkDecoder(plan: try #require(draft.plan), lanes: 1, unit: 0)
        return decoder.survey(.messages(MessageChunk(messages)), records: records, minimum: minimum)
    }

    private func unknownMembers(_ names: String..., of place: String = "dump.jsonl") -> String {
        "the records of \(place) have members that the collection has no field for: "
            + "`\(names.joined(separator: "`, `"))`: map them in record.fields or leave them out in record.drop"
    }

    private func expect(
        _ report: Report, findings: [String] = [], warnings: [String] = [],
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(report.findings == findings, sourceLocation: location)
        #expect(report.warnings == warnings, sourceLocation: location)
    }

    private static let size = FieldSchema(name: "size", type: .int8)

    @Test("finds nothing wrong with good ones")
    func good() throws {
        expect(try report([#"{"id":1,"size":2}"#, "", #"{"size":3,"id":2}"#], [Records.key, Self.size]))
        expect(try report([] as [String], [Records.key, Self.size]))
        expect(try report(["", " "], [Records.key, FieldSchema(name: "x", type: .json, isNullable: true)]))
    }

    @Test("names the members that have no field, each once")
    func unknownMembers() throws {
        let lines = [
            #"{"id":1,"b":1}"#, "x", #"{"a":{"c":1},"id":2}"#, "", #"{"b":2,"id":3,"b":3}"#, #"{"id":4}"#,
            #"{"\u0064":2,"id":5}"#, #"{"id":6,"e":1,"f":[1e999]}"#,
        ]
        let fields = [Records.key]
        expect(try report(lines, fields, records: 6), findings: [unknownMembers("b", "a", "d")])
        expect(try report(lines, fields), findings: [unknownMembers("b", "a", "d", "e", "f")])
        expect(try report(lines, fields, records: 1), findings: [unknownMembers("b")])
        expect(try report(lines, fields, records: 0))
        // They are the job's from the first one on, however few the records are.
        expect(try report(lines, fields, records: 1, minimum: 10), findings: [unknownMembers("b")])
        expect(
            try report(lines, fields, mapping: RecordMapping(drop: ["a", "b", "e", "f"])),
            findings: [unknownMembers("d")])
        expect(try report(lines, fields, mapping: RecordMapping(drop: ["*"])))
    }

    @Test("names the members that may not go into the dynamic field")
    func reservedMembers() throws {
        let fields = [Records.key, FieldSchema(name: "terms", type: .sparseFloatVector, isFunctionOutput: true)]
        let lines = [#"{"id":1,"terms":{},"other":1,"$meta":{}}"#]
        expect(try report(lines, fields, isDynamic: true), findings: [unknownMembers("terms", "$meta")])
    }

    @Test("names them in messages too, in those over several lines once")
    func messages() throws {
        let messages = [
            TestMessage(#"{"id":1,"b":1}"#), TestMessage(nil, key: "1"), TestMessage("x"),
            TestMessage("{\"a\":1,\n\"id\":1,\"c\":2}"), TestMessage(#"{"e":1,"id":4}"#),
        ]
        func unknown(_ names: String...) -> String {
            unknownMembers(names.joined(separator: "`, `"), of: "articles-3")
        }
        expect(try report(messages, [Records.key], records: 4), findings: [unknown("b", "a", "c")])
        expect(try report(messages, [Records.key], records: 1), findings: [unknown("b")])
        expect(try report(messages, [Records.key], records: 0))
        expect(try report(messages, [Records.key], records: .max), findings: [unknown("b", "a", "c", "e")])
        expect(
            try report(
                [TestMessage("{\"size\":300,\n\"id\":1}"), TestMessage("\n{\"size\":\n\"x\",\"id\":1}")],
                [Records.key, Self.size]),
            findings: [
                "field `size`: no value fits in the first 2 records of articles-3: 300 is outside of -128...127"
            ])
    }

    @Test("finds a field for which no record has a fitting value")
    func everyRecord() throws {
        let lines = [#"{"id":1,"size":300}"#, "x", #"{"id":2}"#, #"{"id":3,"size":null}"#, "[]"]
        expect(
            try report(lines, [Records.key, Self.size], minimum: 3),
            findings: ["field `size`: no value fits in the first 3 records of dump.jsonl: 300 is outside of -128...127"]
        )
        // So few may be rejects.
        expect(
            try report(lines, [Records.key, Self.size], minimum: 4),
            warnings: [
                "field `size`: 3 of the first 3 records of dump.jsonl do not fit, the first because 300 is outside of "
                    + "-128...127"
            ])
        expect(
            try report([#"{"id":1}"#], [Records.key, Self.size]),
            findings: [
                "field `size`: no value fits in the first 1 records of dump.jsonl: the record has no value for it"
            ])
    }

    @Test("warns of one for which some have none")
    func someRecords() throws {
        let lines = [
            #"{"id":1,"size":1}"#, #"{"id":2,"size":"x"}"#, #"{"size":null,"id":3}"#, #"{"size":[{}],"id":4}"#,
            #"{"id":5,"size":1,"size":2}"#,
        ]
        expect(
            try report(lines, [Records.key, Self.size]),
            warnings: [
                "field `size`: 4 of the first 5 records of dump.jsonl do not fit, the first because a number is "
                    + "expected, found text"
            ])
        expect(try report(lines, [Records.key, Self.size], records: 1))
    }

    @Test("counts a record once, however often the field is wrong in it")
    func onceForEachRecord() throws {
        expect(
            try report([#"{"id":1,"size":300,"size":"x"}"#, #"{"id":2,"size":1}"#], [Records.key, Self.size]),
            warnings: [
                "field `size`: 1 of the first 2 records of dump.jsonl do not fit, the first because 300 is outside of "
                    + "-128...127"
            ])
    }

    @Test("does not count what was read of a record before it turned out to be broken")
    func brokenRecords() throws {
        let broken = [
            #"{"id":1,"size":300,"other":1,"#, #"{"size":"x","id":1"#, #"{"size":null,"id":1}}"#, #"{"id":2,"x":[}"#,
        ]
        expect(try report(broken, [Records.key, Self.size]))
        expect(
            try report(broken + [#"{"id":2,"size":-129}"#], [Records.key, Self.size]),
            findings: [
                "field `size`: no value fits in the first 1 records of dump.jsonl: -129 is outside of -128...127"
            ])
    }

    @Test("warns of a field that would become null or its default in every row")
    func absences() throws {
        let fields = [
            Records.key, FieldSchema(name: "a", type: .json, isNullable: true),
            FieldSchema(name: "b", type: .varChar(maxLength: 9), defaultValue: .text("none")),
            FieldSchema(name: "c", type: .int8, isNullable: true, defaultValue: .int(7)),
            FieldSchema(name: "d", type: .int8, isNullable: true),
        ]
        func warning(_ field: String, _ value: String) -> String {
            "field `\(field)`: none of the first 2 records of dump.jsonl has a value, and an upsert replaces the whole "
                + "row: it becomes \(value)"
        }
        let lines = [#"{"id":1,"d":1}"#, #"{"id":2,"a":null,"c":null}"#]
        let warnings = [warning("a", "null"), warning("b", #"the default "none""#), warning("c", "the default 7")]
        expect(try report(lines, fields), warnings: warnings)
        // A server that does not fill in the default itself makes no difference.
        expect(
            try report(lines, fields, limits: ServerLimits(name: "Milvus", missing: [.absentValues])),
            warnings: warnings)
        expect(try report([#"{"id":1,"a":1,"b":"","c":1,"d":1}"#] + lines, fields))
        let dynamic = try report([#"{"id":1}"#], [Records.key], isDynamic: true)
        expect(dynamic)
    }

    @Test("finds everything at once, in the order of the fields")
    func severalFindings() throws {
        let fields = [
            Records.key, Self.size, FieldSchema(name: "vector", type: .floatVector(dimension: 2)),
            FieldSchema(name: "title", type: .varChar(maxLength: 3)),
            FieldSchema(name: "doc", type: .json, isNullable: true),
        ]
        let lines = [
            #"{"id":1,"size":1.5,"vector":[1,2,3],"title":"abcd","x":1}"#,
            #"{"y":2,"vector":"AAAA","title":"abc","size":true,"id":2}"#,
        ]
        expect(
            try report(lines, fields, minimum: 2),
            findings: [
                unknownMembers("x", "y"),
                "field `size`: no value fits in the first 2 records of dump.jsonl: 1.5 is not a whole number",
                "field `vector`: no value fits in the first 2 records of dump.jsonl: the vector has 3 elements, the "
                    + "field holds 2",
            ],
            warnings: [
                "field `title`: 1 of the first 2 records of dump.jsonl do not fit, the first because the text has "
                    + "4 bytes of UTF-8, the field holds 3",
                "field `doc`: none of the first 2 records of dump.jsonl has a value, and an upsert replaces the whole "
                    + "row: it becomes null",
            ])
    }

    @Test("looks at the other fields of a collection that no row can be written into")
    func unsupportedField() throws {
        let fields = [
            Records.key, FieldSchema(name: "text", type: .unsupported("Text")), Self.size,
            FieldSchema(name: "list", type: .array(element: .json, maxCapacity: 2)),
        ]
        expect(
            try report(
                [#"{"id":1,"text":"x","size":300,"list":[{}],"z":1}"#, #"{"id":2,"text":{},"list":1}"#], fields),
            findings: [
                unknownMembers("z"),
                "field `size`: no value fits in the first 2 records of dump.jsonl: 300 is outside of -128...127",
            ])
    }

    @Test(
        "and of one with a key of a type that no key has",
        arguments: [
            FieldType.float, .double, .json, .floatVector(dimension: 1), .vector(.int8, dimension: 1),
            .sparseFloatVector,
            .unsupported("Text"), .bool, .int16,
        ])
    func unsupportedKey(type: FieldType) throws {
        let fields = [FieldSchema(name: "id", type: type, isPrimaryKey: true), Self.size]
        let values: [FieldType: String] = [
            .bool: "true", .floatVector(dimension: 1): "[1]", .vector(.int8, dimension: 1): "[1]",
            .sparseFloatVector: #"{"1":1}"#,
        ]
        let record = #"{"id":\#(values[type] ?? "1"),"size":1}"#
        for form in [RecordForm.record, .kcat] {
            let line = form == .kcat ? #"{"topic":"t","key":"1","payload":\#(record)}"# : record
            let tombstone = #"{"topic":"t","key":"1","payload":null}"#
            let found = try report([line, line] + (form == .kcat ? [tombstone] : []), fields, form: form)
            #expect(found.warnings == [])
            #expect(found.findings.allSatisfy { type == .bool && $0.contains("has the key `1`") }, "\(found.findings)")
        }
    }

    private static let sources: [FieldSource] = [.key, .topic, .partition, .offset, .timestamp, .header("h")]

    @Test("and of one with a field that cannot hold what the mapping gives it", arguments: sources)
    func wrongSource(source: FieldSource) throws {
        let types: [FieldType] = [
            .bool, .int8, .int32, .int64, .float, .double, .json, .varChar(maxLength: 9), .floatVector(dimension: 2),
            .array(element: .int8, maxCapacity: 2), .vector(.int8, dimension: 2), .sparseFloatVector, .geometry,
            .timestamptz, .unsupported("Text"),
        ]
        for type in types {
            let fields = [Records.key, FieldSchema(name: "at", type: type), Self.size]
            let mapping = RecordMapping(fields: ["at": source])
            let messages = (1...3).map {
                TestMessage(
                    #"{"id":\#($0),"size":300}"#, key: "\($0)", timestamp: 5, headers: [MessageHeader("h", "v")])
            }
            let finding = "300 is outside of -128...127"
            expect(
                try report(messages, fields, mapping: mapping),
                findings: ["field `size`: no value fits in the first 3 records of articles-3: \(finding)"])
            expect(
                try report([#"{"id":1,"size":300}"#, #"{"id":2,"size":300}"#], fields, mapping: mapping),
                findings: ["field `size`: no value fits in the first 2 records of dump.jsonl: \(finding)"])
        }
    }

    @Test("compares keys of the records that fit")
    func keys() throws {
        let messages = [
            TestMessage(#"{"id":1,"size":300}"#, key: "9", offset: 1), TestMessage(#"{"id":2,"size":1}"#, key: "2"),
            TestMessage(#"{"id":3,"size":1}"#, key: "4", offset: 7),
        ]
        let found = try report(messages, [Records.key, Self.size])
        #expect(found.findings.count == 1)
        #expect(found.findings.first?.hasPrefix("the message at articles-3@7 has the key `4`, and its row") == true)
        #expect(found.warnings.count == 1)
    }
}
