import BackfillCore
import RowDecoding
import Testing

@Suite("The lines of a chunk")
struct LineTests {
    @Test("may be blank, and count all the same")
    func blankLines() throws {
        for form in [RecordForm.record, .kcat] {
            let records = try Records([Records.key], form: form)
            let chunk = records.decode(bytes: Array("\n\r\n \t\r\n{\n\n\r\r\n[]\n\n".utf8), firstLine: 41)
            #expect(chunk.rejectedLines == [44, 47])
            #expect(chunk.rejects.map(\.payload) == [Array("{".utf8), Array("[]".utf8)])
            #expect(chunk.counts.read == 2)
        }
    }

    @Test("may end in carriage return and line feed")
    func carriageReturns() throws {
        let chunk = try Records(value: .json).decode(
            bytes: Array("{\"id\":1,\"value\":[1]}\r\n\r\n{\"id\":2,\"value\":2}\r\n{\"id\":3,\"value\":2\r\n".utf8))
        #expect(chunk.rows == [[.integer(1), .text("[1]")], [.integer(2), .text("2")]])
        #expect(chunk.rejectedLines == [4])
        let message = try Records([Records.key], form: .kcat).decode(
            bytes: Array("{\"topic\":\"t\",\"payload\":\"{\\\"id\\\":1}\"}\r\n".utf8))
        #expect(message.cells("id") == [.integer(1)])
    }

    @Test("an empty chunk, and one of blank lines, have no rows and keep their end")
    func nothing() throws {
        let records = try Records(RandomRecord.fields, isDynamic: true)
        for text in ["", "\n", "\r\n\n  \n"] {
            let chunk = records.decode(bytes: Array(text.utf8))
            #expect(chunk.rows == [])
            #expect(chunk.operations.isEmpty)
            #expect(chunk.counts.read == 0)
            #expect(chunk.counts.bytes == text.utf8.count)
            #expect(chunk.end == .line(.start(ofFile: 1)))
            #expect(chunk.columns.count == RandomRecord.fields.count + 1)
        }
    }

    @Test("are counted by what became of them")
    func counts() throws {
        let records = try Records([Records.key], mapping: RecordMapping(tombstones: .skip), form: .kcat)
        let lines = [
            #"{"topic":"t","payload":{"id":1}}"#, #"{"topic":"t","payload":null}"#, #"{"topic":"t","payload":{}}"#, "",
            #"{"topic":"t","key":"5","payload":null}"#, "x", #"{"topic":"t","payload":{"id":2}}"#,
        ]
        var expected = RecordCounts()
        expected.read = 6
        expected.rejected = 2
        expected.skipped = 2
        expected.bytes = lines.map { $0.utf8.count + 1 }.reduce(0, +)
        #expect(records.decode(lines).counts == expected)
    }
}
