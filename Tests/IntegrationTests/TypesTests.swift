import Foundation
import Testing

/// Every type that is written, read back through pymilvus.
@Suite(.serialized) struct TypesTests {
    private let collection = "types"

    @Test func everyTypeArrivesAsItWas() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(
            collection,
            """
            {"dynamic": true, "fields": [
            {"name": "id", "type": "VARCHAR", "max_length": 64, "is_primary": true},
            {"name": "b", "type": "BOOL"}, {"name": "i8", "type": "INT8"}, {"name": "i16", "type": "INT16"},
            {"name": "i32", "type": "INT32"}, {"name": "i64", "type": "INT64"},
            {"name": "f", "type": "FLOAT"}, {"name": "d", "type": "DOUBLE"},
            {"name": "j", "type": "JSON"},
            {"name": "ai", "type": "ARRAY", "element_type": "INT64", "max_capacity": 4},
            {"name": "as", "type": "ARRAY", "element_type": "VARCHAR", "max_capacity": 4, "max_length": 16},
            {"name": "af", "type": "ARRAY", "element_type": "FLOAT", "max_capacity": 4},
            {"name": "ab", "type": "ARRAY", "element_type": "BOOL", "max_capacity": 4},
            {"name": "n", "type": "INT64", "nullable": true},
            {"name": "nt", "type": "VARCHAR", "max_length": 16, "nullable": true},
            {"name": "def", "type": "INT64", "default_value": 42},
            {"name": "embedding", "type": "FLOAT_VECTOR", "dim": 3}]}
            """)
        let full = #"""
            {"id":"quote\"back\\slash \u00e9\ud83d\ude00","b":true,"i8":-128,"i16":32767,"i32":-2147483648,"i64":9223372036854775807,"f":1.5,"d":0.1,"j":{"deep":[1,{"x":null}],"big":12345678901234},"ai":[-9223372036854775808,0],"as":["a","\u00e9"],"af":[0.5,-2],"ab":[true,false],"n":7,"nt":"here","def":1,"embedding":[1e-3,-0.25,3],"extra":"kept","more":{"a":[1]}}
            """#
        let sparse = #"""
            {"embedding":"AACAPwAAAEAAAEBA","id":"two","b":false,"i8":127,"i16":-1,"i32":2147483647,"i64":-9223372036854775808,"f":-0.0,"d":1e300,"j":{},"ai":[],"as":[],"af":[],"ab":[],"n":null}
            """#
        try place.writeDump([full, sparse], to: "dump.jsonl.zst")
        try place.writeJob(paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection)
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        let rows = try await oracle.rows(of: collection)
        let one = try #require(rows["quote\"back\\slash é😀"], "\(rows.keys)")
        let two = try #require(rows["two"])
        #expect(one["b"] as? Bool == true && two["b"] as? Bool == false)
        #expect(one["i8"] as? Int == -128 && two["i8"] as? Int == 127)
        #expect(one["i16"] as? Int == 32767 && one["i32"] as? Int == -2_147_483_648)
        #expect(one["i64"] as? Int == Int.max && two["i64"] as? Int == Int.min)
        #expect(one["f"] as? Double == 1.5 && one["d"] as? Double == 0.1 && two["d"] as? Double == 1e300)
        #expect(one["j"] as? NSDictionary == ["deep": [1, ["x": NSNull()]], "big": 12_345_678_901_234])
        #expect(one["ai"] as? [Int] == [Int.min, 0] && two["ai"] as? [Int] == [])
        #expect(one["as"] as? [String] == ["a", "é"] && one["af"] as? [Double] == [0.5, -2])
        #expect(one["ab"] as? [Bool] == [true, false])
        #expect(one["n"] as? Int == 7 && two["n"] is NSNull && one["nt"] as? String == "here" && two["nt"] is NSNull)
        #expect(one["def"] as? Int == 1 && two["def"] as? Int == 42)
        #expect((one["embedding"] as? [Double])?.map(Float.init) == [1e-3, -0.25, 3])
        #expect(two["embedding"] as? [Double] == [1, 2, 3])
        #expect(one["extra"] as? String == "kept" && one["more"] as? NSDictionary == ["a": [1]])
        #expect(two["extra"] == nil)
    }

    @Test func aRowIsReplacedAndNotMerged() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(
            collection,
            """
            {"dynamic": true, "fields": [{"name": "id", "type": "INT64", "is_primary": true},
            {"name": "n", "type": "INT64", "nullable": true}, {"name": "embedding", "type": "FLOAT_VECTOR", "dim": 1}]}
            """)
        try place.writeDump([#"{"id":1,"n":5,"x":1,"embedding":[1]}"#], to: "1.jsonl.zst")
        try place.writeJob(paths: ["1.jsonl.zst"], uri: oracle.uri, collection: collection)
        #expect(try await place.backfill().exitCode == 0)
        try place.writeDump([#"{"id":1,"y":2,"embedding":[2]}"#], to: "2.jsonl.zst")
        try place.writeJob(
            paths: ["2.jsonl.zst"], uri: oracle.uri, collection: collection, run: "{checkpoint: second.json}")
        #expect(try await place.backfill().exitCode == 0)
        let row = try #require(try await oracle.rows(of: collection)["1"])
        #expect(row["x"] == nil && row["y"] as? Int == 2 && row["n"] is NSNull, "\(row)")
    }

    @Test func keysThatNeedEscapesAreDeleted() async throws {
        let keys = [
            #"plain"#, #"it's"#, #"say \"hi\""#, #"back\\slash"#, #"tab\tend"#, #"line\nend"#, #"bell\u0007"#, #"é😀"#,
        ]
        for uri in [try TestEnvironment.lite(), try TestEnvironment.full()] {
            let place = try Workplace()
            let oracle = Oracle(uri: uri)
            try await oracle.create(
                "keys",
                """
                {"fields": [{"name": "id", "type": "VARCHAR", "max_length": 64, "is_primary": true},
                {"name": "embedding", "type": "FLOAT_VECTOR", "dim": 2}]}
                """)
            let envelope = #"{"topic":"t","partition":0,"offset":1,"ts":1,"key":"#
            let rows = keys.map { #"\#(envelope)"\#($0)","payload":{"id":"\#($0)","embedding":[1,2]}}"# }
            try place.writeDump(rows, to: "1.jsonl.zst")
            try place.writeDump(keys.map { #"\#(envelope)"\#($0)","payload":null}"# }, to: "2.jsonl.zst")
            try place.writeJob(paths: ["1.jsonl.zst"], uri: uri, collection: "keys")
            #expect(try await place.backfill().exitCode == 0)
            #expect(try await oracle.count(of: "keys") == keys.count, "\(uri)")
            try place.writeJob(paths: ["2.jsonl.zst"], uri: uri, collection: "keys", run: "{checkpoint: second.json}")
            let result = try await place.backfill()
            #expect(result.exitCode == 0, "\(uri): \(result.errors)")
            #expect(try await oracle.rows(of: "keys").keys.sorted() == [], "\(uri)")
        }
    }
}
