import BackfillCore
import RowDecoding
import Testing

struct MessageKeyBytesTests {
    /// A tombstone whose key has the bytes deletes the row that they were made for.
    private func deletedKey(_ key: MessageKey, _ primaryKey: PrimaryKey) throws -> PrimaryKey? {
        let type: FieldType = if case .integer = primaryKey { .int64 } else { .varChar(maxLength: 50) }
        let records = try Records(
            [FieldSchema(name: "id", type: type, isPrimaryKey: true)], mapping: RecordMapping(key: key), form: .kcat)
        var line: [UInt8] = []
        Reject(
            unit: 0, position: .offset(0), topic: "t", partition: 0, offset: 0, key: key.bytes(of: primaryKey),
            payload: nil,
            reason: ""
        ).appendMessageLine(to: &line)
        let chunk = records.decode(bytes: line)
        #expect(chunk.rejects.isEmpty, "\(chunk.rejects.first?.reason ?? "")")
        return chunk.deletedKeys.count == 1 ? chunk.deletedKeys.key(ofRow: 0) : nil
    }

    @Test(arguments: [.min, -1, 0, 128, 1 << 53 + 1, .max] as [Int64])
    func anIntegerIsReadBack(value: Int64) throws {
        for key in [
            MessageKey(), MessageKey(format: .integer), MessageKey(format: .json),
            MessageKey(format: .json, path: ["a", "b\""]),
        ] {
            #expect(try deletedKey(key, .integer(value)) == .integer(value))
        }
    }

    @Test(arguments: ["", "a", "12", "\"quoted\\\n", "é\u{1F600}"])
    func textIsReadBack(text: String) throws {
        for key in [MessageKey(), MessageKey(format: .json), MessageKey(format: .json, path: ["id"])] {
            #expect(try deletedKey(key, .text(Array(text.utf8))) == .text(Array(text.utf8)))
        }
    }

    @Test func noIntegerIsText() {
        #expect(MessageKey(format: .integer).bytes(of: .text([65])) == nil)
    }
}
