import BackfillCore
import Foundation
import MilvusStore
import RowDecoding
import TestSupport
import Testing

/// The text of REST requests, read by Foundation's parser.
@Suite struct RowTextEncoderTests {
    private func batch(
        _ fields: [FieldSchema], isDynamic: Bool = false, _ lines: [String], form: RecordForm = .record
    ) throws -> RowBatch {
        let schema = CollectionSchema(name: "c", id: 0, fields: fields, hasDynamicField: isDynamic)
        let plan = try RecordPlan(schema: schema, mapping: RecordMapping(), form: form)
        let chunk = ChunkDecoder(plan: plan, lanes: 1, unit: 0, fileNames: ["f"]).decode(
            .lines(
                LineChunk(
                    bytes: lines.flatMap { Array($0.utf8) + [0x0A] }, start: .start(ofFile: 0), end: .start(ofFile: 1),
                    bytesOnDisk: 0)))
        try #require(chunk.rejects.isEmpty, "\(chunk.rejects.first?.reason ?? "")")
        var builder = BatchBuilder(maximumRows: 1000, maximumBytes: 1 << 30)
        builder.add(chunk, token: .init(unit: 0, sequence: 0), lane: 0) { _ in }
        let taken = builder.take()
        return try #require(taken)
    }

    private func object(_ bytes: [UInt8]) throws -> NSDictionary {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary)
    }

    private let key = FieldSchema(name: "id", type: .int64, isPrimaryKey: true)

    @Test func everyTypeHasTheFormThatTheServerReads() throws {
        let fields = [
            key, FieldSchema(name: "b", type: .bool), FieldSchema(name: "t", type: .varChar(maxLength: 50)),
            FieldSchema(name: "j", type: .json), FieldSchema(name: "g", type: .geometry),
            FieldSchema(name: "at", type: .timestamptz), FieldSchema(name: "n", type: .int8, isNullable: true),
            FieldSchema(name: "words", type: .array(element: .varChar(maxLength: 9), maxCapacity: 3)),
            FieldSchema(name: "flags", type: .array(element: .bool, maxCapacity: 3)),
            FieldSchema(name: "reals", type: .array(element: .double, maxCapacity: 3)),
            FieldSchema(name: "v", type: .floatVector(dimension: 2)),
            FieldSchema(name: "h", type: .vector(.float16, dimension: 2)),
            FieldSchema(name: "i8", type: .vector(.int8, dimension: 3)),
            FieldSchema(name: "bits", type: .vector(.binary, dimension: 16)),
            FieldSchema(name: "s", type: .sparseFloatVector),
        ]
        let line = #"""
            {"id":9223372036854775807,"b":true,"t":"é\"\n\u0000","j":{"a":[1,2.50]},"g":"POINT (1 2)","extra":[1],"more":"x",
            "at":"2026-01-02T03:04:05+01:00","words":["a",""],"flags":[true,false],"reals":[0.1],"v":[1,-0.0],
            "h":[1,2],"i8":[-128,0,127],"bits":[255,1],"s":{"9":0.5,"1":2}}
            """#.replacing("\n", with: "")
        let batch = try batch(fields, isDynamic: true, [line])
        let bytes = RowTextEncoder(database: "d\"b", collection: "c", partition: "p").upsert(
            batch.upserts, of: batch.chunks)
        let request = try object(bytes)
        #expect(request["dbName"] as? String == "d\"b" && request["collectionName"] as? String == "c")
        #expect(request["partitionName"] as? String == "p")
        let row = try #require((request["data"] as? [NSDictionary])?.first)
        #expect(
            row == [
                "id": Int64.max, "b": true, "t": "é\"\n\u{0}", "j": ["a": [1, 2.5]], "g": "POINT (1 2)",
                "at": "2026-01-02T02:04:05Z", "words": ["a", ""], "flags": [true, false], "reals": [0.1],
                "v": [1, -0.0],
                "h": "ADwAQA==", "i8": [-128, 0, 127], "bits": "/wE=", "s": ["1": 2, "9": 0.5], "extra": [1],
                "more": "x",
            ] as NSDictionary, "a row without a value leaves the member out: \(row)")
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""j":{"a":[1,2.50]}"#), "the text itself is kept")
    }

    @Test func aDeleteNamesItsKeysInAFilter() throws {
        let message = #"{"topic":"t","partition":0,"offset":1,"key":"#
        let batch = try batch(
            [FieldSchema(name: "id", type: .varChar(maxLength: 50), isPrimaryKey: true)],
            [#"\#(message)"a\"b","payload":null}"#, #"\#(message)"\u0007","payload":null}"#], form: .kcat)
        let bytes = RowTextEncoder(database: "", collection: "c").delete(
            batch.deletes, of: batch.chunks, key: \.deletedKeys)
        let request = try object(bytes)
        #expect(request == ["collectionName": "c", "filter": "id in [\"a\\\"b\",\"\u{7}\"]"] as NSDictionary)
    }

    /// Some servers read every number as a Double and round it to a Float then.
    @Test(arguments: 0..<20)
    func floatsSurviveBeingReadAsDoubles(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        // The one of all floats whose shortest text would not, with some others.
        var floats: [Float] = [7.038531e-26, -7.038531e-26, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -0.0]
        while floats.count < 500 {
            let float = Float(bitPattern: UInt32.random(in: 0...(.max), using: &random))
            if float.isFinite { floats.append(float) }
        }
        let values = floats.map { "\(Double($0))" }.joined(separator: ",")
        let batch = try batch(
            [key, FieldSchema(name: "v", type: .floatVector(dimension: floats.count))], [#"{"id":1,"v":[\#(values)]}"#])
        let text = String(
            decoding: RowTextEncoder(database: "", collection: "c").upsert(batch.upserts, of: batch.chunks),
            as: UTF8.self)
        let list = try #require(text.firstMatch(of: /"v":\[([^\]]*)\]/)?.1)
        let read = list.split(separator: ",").compactMap { Double($0) }.map { Float($0).bitPattern }
        #expect(read == floats.map(\.bitPattern), "seed \(seed)")
    }
}
