import BackfillCore
import RowDecoding
import TestSupport
import Testing

@Suite("A rejected record")
struct RejectedRecordTests {
    @Test("leaves no trace among the good ones, and keeps its line and text", arguments: UInt64(1)...40)
    func noTrace(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var records = try Records(RandomRecord.fields, isDynamic: true)
        records.lanes = random.number(1...5)
        var lines: [String] = []
        var good: [String] = []
        var bad: [(line: Int, text: String)] = []
        for number in 100..<100 + random.number(1...80) {
            switch random.number(0...4) {
            case 0, 1:
                good.append(RandomRecord.good(&random))
                lines.append(good.last ?? "")
            case 2, 3:
                bad.append((number, RandomRecord.bad(&random)))
                lines.append(bad.last?.text ?? "")
            default: lines.append("")
            }
        }
        let mixed = records.decode(bytes: lines.flatMap { Array("\($0)\n".utf8) }, firstLine: 100)
        let pure = records.decode(good)
        #expect(pure.reasons == [])
        #expect(pure.rows.count == good.count)
        try #require(mixed.rejectedLines == bad.map(\.line))
        try #require(mixed.rows == pure.rows)
        for (column, other) in zip(mixed.columns, pure.columns) {
            #expect(column.bytes == other.bytes)
            #expect(column.isPresent == other.isPresent)
            #expect(column.ends == other.ends)
        }
        #expect(mixed.operations.map(\.keyHash) == pure.operations.map(\.keyHash))
        #expect(mixed.operations.map(\.size) == pure.operations.map(\.size))
        #expect(mixed.lanes == pure.lanes)
        #expect(mixed.rejects.map(\.payload) == bad.map { Array($0.text.utf8) })
        #expect(mixed.rejects.allSatisfy { $0.reason.count > 10 })
        #expect(mixed.counts.read == good.count + bad.count)
        #expect(mixed.counts.rejected == bad.count)
    }

    @Test("names the file and the line when it came in no message")
    func place() throws {
        let chunk = try Records([Records.key]).decode(bytes: Array("{\"id\":\"é\"}\t\r\n".utf8), firstLine: 77)
        #expect(
            chunk.rejects == [
                Reject(
                    unit: 4, position: .line(Records.place(ofLine: 77)), topic: "dump.jsonl", partition: 0, offset: 77,
                    payload: Array("{\"id\":\"é\"}\t\r".utf8), reason: "field `id`: a number is expected, found text")
            ])
    }

    @Test("names the file it stands in, among the files of its unit")
    func secondFile() throws {
        let plan = try Records([Records.key]).plan
        let decoder = ChunkDecoder(plan: plan, lanes: 2, unit: 9, fileNames: ["a.jsonl", "b.jsonl"])
        var line = Records.chunk(Array("{}\n".utf8))
        line.start = .start(ofFile: 1)
        let reject = try #require(decoder.decode(.lines(line)).rejects.first)
        #expect(reject.unit == 9)
        #expect(reject.position == .line(.start(ofFile: 1)))
        #expect(reject.topic == "b.jsonl")
    }

    @Test("keeps bytes that are no text as they are")
    func bytes() throws {
        let line: [UInt8] = [0x7B, 0x22, 0x69, 0xFF, 0x00, 0xC0, 0x80, 0x22]
        let chunk = try Records([Records.key]).decode(bytes: line + [0x0A])
        #expect(chunk.rejects.map(\.payload) == [line])
        let message = try Records([Records.key], form: .kcat).decode(bytes: line + [0x0A])
        #expect(message.rejects.map(\.payload) == [line])
    }
}
