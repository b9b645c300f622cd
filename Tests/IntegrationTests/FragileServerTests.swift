import Foundation
import Testing

/// Requests that kill a Milvus 2.3.5 are never sent: after each test the server still answers, with the process that it
/// had before.
@Suite(.serialized) struct FragileServerTests {
    private let oracle: Oracle

    init() throws {
        oracle = Oracle(uri: try TestEnvironment.full())
    }

    /// Runs the job, and makes sure that the server has survived it.
    private func survived(_ place: borrowing Workplace, _ command: String = "run") async throws -> CommandResult {
        let before = try await startTime()
        let result = try await place.backfill(command)
        // Some requests are answered first, and kill the server within two seconds.
        try await Task.sleep(for: .seconds(2))
        #expect(try await startTime() == before, "the server has died of it: \(result.errors)")
        return result
    }

    /// When the server's process began, as it says itself.
    private func startTime() async throws -> String {
        let metrics = try await Command.output(
            of: "/usr/bin/env", ["curl", "-sf", "--noproxy", "*", "http://127.0.0.1:9091/metrics"])
        return try #require(metrics.split(separator: "\n").first { $0.hasPrefix("process_start_time_seconds ") })
            .description
    }

    private func writeJob(
        _ place: borrowing Workplace, _ name: String, _ records: [String], record: String = "{}", create: String = "",
        target: MilvusTarget = .fullOverGRPC
    ) throws {
        try place.writeDump(records, to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: try target.uri(), collection: name, record: record,
            target: target.keys + (create.isEmpty ? "" : ", create: {\(create)}"))
    }

    @Test(arguments: [MilvusTarget.fullOverGRPC, .fullOverREST])
    func textForAnIntegerKeyIsNotSent(target: MilvusTarget) async throws {
        let place = try Workplace()
        try await oracle.create("fragile_key", People.schema)
        let message = #"{"topic":"t","partition":0,"offset":1,"key":"abc","payload":"#
        try writeJob(
            place, "fragile_key",
            [
                #"\#(message){"id":"abc","name":"n","embedding":[1,2]}}"#, #"\#(message)null}"#,
                #"{"topic":"t","partition":0,"offset":2,"key":"1","payload":\#(People.record(1))}"#,
            ], record: "{onReject: {policy: file}}", target: target)
        let result = try await survived(place)
        #expect(result.exitCode == 3, "\(result.errors)")
        #expect(try await oracle.rows(of: "fragile_key").keys.sorted() == ["1"])
        #expect(try await place.rejects().split(separator: "\n").count == 2)
    }

    @Test(arguments: [MilvusTarget.fullOverGRPC, .fullOverREST])
    func aColumnWithADefaultIsAlwaysSentAndFilledIn(target: MilvusTarget) async throws {
        let place = try Workplace()
        let name = place.newCollection
        try writeJob(
            place, name,
            [
                #"{"id":1,"embedding":[1,2]}"#, #"{"id":2,"embedding":[1,2],"i64":null,"t":null}"#,
                #"{"id":3,"embedding":[1,2],"b":false,"i8":1,"i64":2,"f":3,"d":4,"t":""}"#,
            ],
            create: """
                fields: [{name: id, type: Int64, primaryKey: true}, {name: b, type: Bool, default: true},
                {name: i8, type: Int8, default: -7}, {name: i64, type: Int64, default: 9223372036854775807},
                {name: f, type: Float, default: 1.5}, {name: d, type: Double, default: 0.1},
                {name: t, type: VarChar, maxLength: 20, default: none}, {name: embedding, type: FloatVector, dim: 2}],
                indexes: [{field: embedding, type: FLAT, metric: L2}]
                """, target: target)
        let result = try await survived(place)
        #expect(result.exitCode == 0, "\(result.errors)")
        let rows = try await oracle.rows(of: name)
        for id in ["1", "2"] {
            let row = try #require(rows[id])
            #expect(row["b"] as? Bool == true && row["i8"] as? Int == -7 && row["i64"] as? Int == Int.max, "\(row)")
            #expect(row["f"] as? Double == 1.5 && row["d"] as? Double == 0.1 && row["t"] as? String == "none", "\(row)")
        }
        let given = try #require(rows["3"])
        #expect(given["b"] as? Bool == false && given["i8"] as? Int == 1 && given["t"] as? String == "", "\(given)")
    }

    /// It crashes when one of these is loaded; with Float16Vector when rows are not flushed, or come fast.
    @Test(arguments: [
        "Geometry", "Timestamptz", "SparseFloatVector", "BFloat16Vector", "Int8Vector", "Float16Vector",
    ])
    func aTypeThatItDiesOfIsNeitherMadeNorFilled(type: String) async throws {
        let place = try Workplace()
        let dim = type.hasSuffix("Vector") && type != "SparseFloatVector" ? ", dim: 8" : ""
        try writeJob(
            place, place.newCollection, [#"{"id":1,"x":"POINT (1 2)","embedding":[1,2]}"#],
            create: """
                fields: [{name: id, type: Int64, primaryKey: true}, {name: x, type: \(type)\(dim)},
                {name: embedding, type: FloatVector, dim: 2}], indexes: [{field: embedding, type: FLAT, metric: L2}]
                """)
        let made = try await survived(place)
        #expect(made.exitCode == 1)
        #expect(made.errors.contains("which Milvus 2.3.5 does not hold"), "\(made.errors)")
        #expect(try await !oracle.has(place.newCollection))

        try await oracle.createUnloaded("fragile_type", type)
        try writeJob(place, "fragile_type", [#"{"id":1,"x":"POINT (1 2)","embedding":[1,2]}"#])
        let filled = try await survived(place)
        #expect(filled.exitCode == 1)
        #expect(filled.errors.contains("which Milvus 2.3.5 does not hold"), "\(filled.errors)")
    }

    @Test(arguments: [("Text", "Text"), ("ArrayOfVector", "ArrayOfVector"), ("777", "number 777")])
    func aTypeThatTheProgramDoesNotKnowIsRefusedByName(type: String, name: String) async throws {
        let place = try Workplace()
        try await oracle.createUnloaded("fragile_unknown", type)
        try writeJob(place, "fragile_unknown", [#"{"id":1,"x":"a","embedding":[1,2]}"#])
        for command in ["plan", "run"] {
            let result = try await survived(place, command)
            #expect(result.exitCode == 1)
            #expect(
                result.errors.contains("field `x` is of type \(name), which this version does not write"),
                "\(result.errors)")
        }
    }

    @Test func whatTheServerWouldDropSilentlyIsRefusedByName() async throws {
        let place = try Workplace()
        try writeJob(
            place, place.newCollection, [#"{"id":1,"embedding":[1,2],"other":[1,2]}"#],
            create: """
                fields: [{name: id, type: Int64, primaryKey: true}, {name: n, type: Int64, nullable: true},
                {name: text, type: VarChar, maxLength: 20, params: {enable_analyzer: true}},
                {name: terms, type: SparseFloatVector}, {name: embedding, type: FloatVector, dim: 2},
                {name: other, type: FloatVector, dim: 2}],
                functions: [{name: words, type: BM25, inputs: text, outputs: terms}]
                """)
        let result = try await survived(place, "plan")
        #expect(result.exitCode == 1)
        for finding in [
            "field `n` is nullable, which Milvus 2.3.5 does not have", "function `words`", "3 vector fields",
            "field `terms` is of type SparseFloatVector, which Milvus 2.3.5 does not hold",
        ] {
            #expect(result.errors.contains(finding), "\(finding) is not in \(result.errors)")
        }
    }

    @Test(arguments: [MilvusTarget.fullOverGRPC, .fullOverREST])
    func anEmptyArrayKeepsItsSlotAndJSONIsAnObject(target: MilvusTarget) async throws {
        let place = try Workplace()
        try await oracle.create(
            "fragile_values",
            """
            {"fields": [{"name": "id", "type": "INT64", "is_primary": true}, {"name": "j", "type": "JSON"},
            {"name": "a", "type": "ARRAY", "element_type": "INT64", "max_capacity": 4},
            {"name": "s", "type": "ARRAY", "element_type": "VARCHAR", "max_capacity": 4, "max_length": 9},
            {"name": "embedding", "type": "FLOAT_VECTOR", "dim": 2}]}
            """)
        let rest = #""a":[],"s":[],"embedding":[1,2]"#
        // Servers that speak REST take arrays.
        let refused = ["5", #""x""#, "true", #"{"a":1e400}"#] + (target.isREST ? [] : ["[1]"])
        try writeJob(
            place, "fragile_values",
            [#"{"id":1,"j":{},\#(rest)}"#] + refused.map { #"{"id":2,"j":\#($0),\#(rest)}"# },
            record: "{onReject: {policy: file}}", target: target)
        let result = try await survived(place)
        #expect(result.exitCode == 3, "\(result.errors)")
        #expect(try await oracle.rows(of: "fragile_values").keys.sorted() == ["1"])
        #expect(try await place.rejects().split(separator: "\n").count == refused.count)
    }
}
