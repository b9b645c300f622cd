import BackfillCore
import MilvusStore
import RowDecoding
import SwiftProtobuf
import TestSupport
import Testing

/// The encoder's bytes against the generated messages, which know nothing of columns and batches.
@Suite struct RequestEncoderTests {
    private static let schema = CollectionSchema(
        name: "c", id: 0,
        fields: [
            FieldSchema(name: "id", type: .varChar(maxLength: 100), isPrimaryKey: true),
            FieldSchema(name: "flag", type: .bool),
            FieldSchema(name: "small", type: .int8),
            FieldSchema(name: "large", type: .int64, isNullable: true),
            FieldSchema(name: "f", type: .float, defaultValue: .float(1)),
            FieldSchema(name: "d", type: .double),
            FieldSchema(name: "j", type: .json),
            FieldSchema(name: "numbers", type: .array(element: .int32, maxCapacity: 8)),
            FieldSchema(name: "words", type: .array(element: .varChar(maxLength: 200), maxCapacity: 8)),
            FieldSchema(name: "reals", type: .array(element: .double, maxCapacity: 8)),
            FieldSchema(name: "embedding", type: .floatVector(dimension: 3)),
        ], hasDynamicField: true)

    private static func line(_ number: Int, _ random: inout some RandomNumberGenerator) -> String {
        let long = String(repeating: "w", count: Int.random(in: 0...190, using: &random))
        let large = ["", #","large":null"#, #","large":\#(Int64.random(in: .min ... .max, using: &random))"#]
        let real = ["", #","f":\#(Double.random(in: -9...9, using: &random))"#]
        return #"{"id":"key \#(number)","flag":\#(Bool.random(using: &random)),"#
            + #""small":\#(Int8.random(in: .min ... .max, using: &random)),"d":\#(Double.random(in: -1...1, using: &random)),"#
            + #""j":{"n":\#(number)},"numbers":[\#(Int32.random(in: .min ... .max, using: &random)),0],"#
            + #""words":["\#(long)",""],"reals":[1.5,\#(number)],"embedding":[\#(number),0.5,-1],"extra":\#(number)"#
            + (large.randomElement(using: &random) ?? "") + (real.randomElement(using: &random) ?? "") + "}\n"
    }

    @Test(arguments: 0..<50)
    func anUpsertIsTheGeneratedMessage(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let count = Int.random(in: 1...300, using: &random)
        let lines = (0..<count).map { Self.line($0, &random) }
        let plan = try RecordPlan(schema: Self.schema, mapping: RecordMapping(), form: .record)
        let chunk = ChunkDecoder(plan: plan, lanes: 1, unit: 0, fileNames: ["f"]).decode(
            .lines(
                LineChunk(
                    bytes: Array(lines.joined().utf8), start: .start(ofFile: 0), end: .start(ofFile: 1),
                    bytesOnDisk: 0)))
        try #require(chunk.rejects.isEmpty, "\(chunk.rejects.first?.reason ?? "")")
        var builder = BatchBuilder(maximumRows: 1000, maximumBytes: 1 << 30)
        builder.add(chunk, token: .init(unit: 0, sequence: 0), lane: 0) { _ in }
        let taken = builder.take()
        let batch = try #require(taken)

        let bytes = RequestEncoder(database: "db", collection: "c").upsert(batch.upserts, of: batch.chunks)
        let request = try Milvus_Proto_Milvus_UpsertRequest(serializedBytes: bytes)
        #expect(try request.serializedBytes() as [UInt8] == bytes, "seed \(seed)")
        #expect(request.unknownFields.data.isEmpty)
        #expect(request.dbName == "db" && request.collectionName == "c" && request.numRows == UInt32(count))
        #expect(request.fieldsData.map(\.fieldName) == Self.schema.fields.map(\.name) + ["$meta"])

        func values(_ name: String) throws -> Milvus_Proto_Schema_FieldData {
            try #require(request.fieldsData.first { $0.fieldName == name })
        }
        #expect(try values("id").scalars.stringData.data == (0..<count).map { "key \($0)" })
        #expect(try values("small").scalars.intData.data.map(Int64.init) == chunk.columns[2].integers)
        #expect(try values("d").scalars.doubleData.data == chunk.columns[5].doubles)
        #expect(try values("embedding").vectors.dim == 3)
        #expect(try values("embedding").vectors.floatVector.data == chunk.columns[10].floats)
        #expect(
            try values("reals").scalars.arrayData.data.map(\.doubleData.data) == (0..<count).map { [1.5, Double($0)] })
        #expect(try values("$meta").isDynamic)
        #expect(
            try values("$meta").scalars.jsonData.data.map { String(decoding: $0, as: UTF8.self) }
                == (0..<count).map { #"{"extra":\#($0)}"# })
        for (name, column) in [("large", 3), ("f", 4)] {
            let present = chunk.columns[column].isPresent
            let field = try values(name)
            #expect(field.validData == present)
            let sent = name == "large" ? field.scalars.longData.data.count : field.scalars.floatData.data.count
            #expect(sent == present.count { $0 }, "only the values that are there travel")
        }
    }

    @Test func aDeleteNamesEveryKeyOnce() throws {
        let schema = CollectionSchema(
            name: "c", id: 0, fields: [FieldSchema(name: "id", type: .varChar(maxLength: 100), isPrimaryKey: true)],
            hasDynamicField: false)
        let plan = try RecordPlan(schema: schema, mapping: RecordMapping(), form: .kcat)
        let keys = [#"plain"#, #"a\"b"#, #"back\\slash"#, #"line\nfeed"#]
        let text = keys.map { #"{"topic":"t","partition":0,"offset":1,"key":"\#($0)","payload":null}"# + "\n" }.joined()
        let chunk = ChunkDecoder(plan: plan, lanes: 1, unit: 0, fileNames: ["f"]).decode(
            .lines(LineChunk(bytes: Array(text.utf8), start: .start(ofFile: 0), end: .start(ofFile: 1), bytesOnDisk: 0))
        )
        var builder = BatchBuilder(maximumRows: 1000, maximumBytes: 1 << 30)
        builder.add(chunk, token: .init(unit: 0, sequence: 0), lane: 0) { _ in }
        let taken = builder.take()
        let batch = try #require(taken)
        let bytes = RequestEncoder(database: "", collection: "c").delete(
            batch.deletes, of: batch.chunks, key: \.deletedKeys)
        let request = try Milvus_Proto_Milvus_DeleteRequest(serializedBytes: bytes)
        #expect(request.expr == #"id in ["plain","a\"b","back\\slash","line\nfeed"]"#)
    }
}
