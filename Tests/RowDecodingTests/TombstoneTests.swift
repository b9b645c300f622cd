import BackfillCore
import RowDecoding
import Testing

@Suite("A tombstone")
struct TombstoneTests {
    private func records(
        _ type: FieldType = .int64, _ tombstones: RecordMapping.Tombstones = .delete,
        fields: [String: FieldSource] = [:]
    ) throws -> Records {
        try Records(
            [FieldSchema(name: "id", type: type, isPrimaryKey: true)],
            mapping: RecordMapping(fields: fields, tombstones: tombstones), form: .kcat)
    }

    private func tombstone(_ key: String) -> String {
        #"{"topic":"t","partition":1,"offset":5,"key":\#(key),"payload":null}"#
    }

    @Test("deletes its key, between the upserts around it")
    func delete() throws {
        let chunk = try records().decode(
            tombstone(#""1""#), #"{"topic":"t","key":"1","payload":{"id":1}}"#, tombstone("2"), tombstone(#""1""#),
            tombstone(#""-9223372036854775808""#))
        #expect(chunk.reasons == [])
        #expect(chunk.operations.map(\.isDelete) == [true, false, true, true, true])
        #expect(chunk.operations.map(\.row) == [0, 0, 1, 2, 3])
        #expect(chunk.deletedKeys.cells == [.integer(1), .integer(2), .integer(1), .integer(.min)])
        #expect(chunk.cells("id") == [.integer(1)])
        #expect(chunk.counts.read == 5)
        #expect(chunk.operations.allSatisfy { $0.size > 0 })
    }

    @Test("deletes a key of text")
    func textKey() throws {
        let chunk = try records(.varChar(maxLength: 4)).decode(
            tombstone(#""ab""#), tombstone(#""\u00e9\n""#), tombstone(#""abcde""#), tombstone(#""""#), tombstone("12"),
            tombstone(#"{"a":1}"#), tombstone(#""cd""#))
        #expect(chunk.deletedKeys.cells == [.text("ab"), .text("é\n"), .text(""), .text("cd")])
        #expect(chunk.rejectedLines == [3, 5, 6])
        #expect(chunk.reasons.first == "the text has 5 bytes of UTF-8, the field holds 4")
        #expect(chunk.reasons.last == "the message's key does not fit a field of type VarChar(4)")
    }

    @Test("with a key that is no integer deletes nothing")
    func badIntegerKey() throws {
        let keys = [
            #""x""#, #""1 2""#, #""""#, "1.5", "{}", "[1]", "true", #""9223372036854775808""#, #""0x1""#, #""01""#,
        ]
        let chunk = try records().decode(keys.map(tombstone))
        #expect(chunk.operations.isEmpty)
        #expect(chunk.deletedKeys.count == 0)
        #expect(chunk.rejects.count == keys.count)
        for reject in chunk.rejects {
            #expect(reject.reason.hasPrefix("the message's key is not an integer"), "\(reject.reason)")
            #expect(reject.payload == nil)
            #expect(reject.offset == 5)
            #expect(reject.partition == 1)
        }
    }

    @Test("without a key is rejected, since nothing says what to delete")
    func withoutKey() throws {
        for line in [#"{"topic":"t","payload":null}"#, tombstone("null")] {
            let chunk = try records().decode(line)
            #expect(chunk.operations.isEmpty)
            #expect(chunk.rejects.map(\.payload) == [nil])
            #expect(chunk.rejects.map(\.key) == [nil])
            #expect(chunk.reasons == ["the message is a tombstone without a key, so nothing says what to delete"])
        }
    }

    @Test("is skipped or rejected when the job says so")
    func otherPolicies() throws {
        let skipped = try records(.int64, .skip).decode(tombstone("1"), tombstone("null"), tombstone(#""x""#))
        #expect(skipped.operations.isEmpty)
        #expect(skipped.rejects.isEmpty)
        #expect(skipped.counts.skipped == 3)
        #expect(skipped.counts.read == 3)
        let rejected = try records(.int64, .reject).decode(tombstone("1"), tombstone(#""x\u0041""#))
        #expect(rejected.operations.isEmpty)
        #expect(
            rejected.reasons == [String](repeating: "the message is a tombstone, and the job rejects those", count: 2))
        #expect(rejected.rejects.map(\.key) == [Array("1".utf8), Array("xA".utf8)])
        #expect(rejected.rejects.map(\.payload) == [nil, nil])
    }

    @Test("has the same lane and hash as an upsert of its key", arguments: [1, 4, 16])
    func lanes(lanes: Int) throws {
        for type in [FieldType.int64, .varChar(maxLength: 9)] {
            var records = try records(type)
            records.lanes = lanes
            let lines = (0..<200).flatMap { key in
                [
                    #"{"topic":"t","payload":{"id":\#(type == .int64 ? "\(key)" : "\"\(key)\"")}}"#,
                    tombstone("\"\(key)\""),
                ]
            }
            let chunk = records.decode(lines)
            #expect(chunk.reasons == [])
            for index in 0..<200 {
                #expect(chunk.operations[2 * index].keyHash == chunk.operations[2 * index + 1].keyHash)
                let upsert = chunk.operations[2 * index]
                #expect(chunk.hasSameKey(upsert, as: chunk.operations[2 * index + 1], of: chunk))
                #expect(!chunk.hasSameKey(upsert, as: chunk.operations[(2 * index + 3) % 400], of: chunk))
            }
        }
    }
}
