import BackfillCore
import RowDecoding
import Testing

@Suite("A JSON value is taken byte for byte or rejected, whatever it is")
struct GrammarTests {
    private static let isWhiteSpace: Set<UInt8> = [0x20, 0x09, 0x0D]

    private func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let front = bytes.drop { Self.isWhiteSpace.contains($0) }
        return Array(front.reversed().drop { Self.isWhiteSpace.contains($0) }.reversed())
    }

    /// The case's text between two others in one line, and a good record behind it that has to survive.
    private func decode(_ records: Records, _ before: String, _ text: [UInt8], _ after: String) -> DecodedChunk {
        records.decode(bytes: Array(before.utf8) + text + Array("\(after)\n".utf8) + Array(#"{"id":2}"#.utf8) + [0x0A])
    }

    private func expectRejected(
        _ chunk: DecodedChunk, line: [UInt8], location: SourceLocation = #_sourceLocation
    ) throws {
        let reject = try #require(chunk.rejects.first, sourceLocation: location)
        #expect(chunk.rejects.count == 1, sourceLocation: location)
        #expect(chunk.rejectedLines == [1], sourceLocation: location)
        #expect(reject.payload == line, sourceLocation: location)
        #expect(reject.reason.count > 10, sourceLocation: location)
        #expect(chunk.cells("id") == [.integer(2)], sourceLocation: location)
    }

    @Test("in a JSON field", arguments: GrammarCase.all)
    func field(example: GrammarCase) throws {
        let records = try Records(value: .json, isNullable: true)
        let chunk = decode(records, #"{"id":1,"value":"#, example.text, "}")
        guard example.isStorable else {
            return try expectRejected(chunk, line: Array(#"{"id":1,"value":"#.utf8) + example.text + [0x7D])
        }
        #expect(chunk.reasons == [])
        let isNull = example.text == Array("null".utf8)
        #expect(chunk.cells("value") == [isNull ? .absent : .bytes(trimmed(example.text)), .absent])
    }

    @Test("in the dynamic field", arguments: GrammarCase.all)
    func dynamicField(example: GrammarCase) throws {
        let chunk = decode(try Records([Records.key], isDynamic: true), #"{"id":1,"x":"#, example.text, "}")
        guard example.isStorable else {
            return try expectRejected(chunk, line: Array(#"{"id":1,"x":"#.utf8) + example.text + [0x7D])
        }
        #expect(chunk.reasons == [])
        // The white space behind the value belongs to the object and not to the member.
        var text = example.text
        while let last = text.last, Self.isWhiteSpace.contains(last) { text.removeLast() }
        #expect(chunk.cells("$meta") == [.bytes(Array(#"{"x":"#.utf8) + text + [0x7D]), .text("{}")])
    }

    @Test("in a member that is left out", arguments: GrammarCase.all)
    func droppedMember(example: GrammarCase) throws {
        let records = try Records([Records.key], mapping: RecordMapping(drop: ["*"]))
        let chunk = decode(records, #"{"x":"#, example.text, #","id":1}"#)
        guard example.isValid else {
            return try expectRejected(chunk, line: Array(#"{"x":"#.utf8) + example.text + Array(#","id":1}"#.utf8))
        }
        #expect(chunk.reasons == [])
        #expect(chunk.cells("id") == [.integer(1), .integer(2)])
    }

    @Test("beside the member that record.path names", arguments: GrammarCase.all)
    func besideThePath(example: GrammarCase) throws {
        let records = try Records([Records.key], mapping: RecordMapping(path: ["after"]))
        let before = Array(#"{"after":{"id":1},"x":"#.utf8)
        let good = Array(#"{"after":{"id":2}}"#.utf8)
        let chunk = records.decode(bytes: before + example.text + Array("}\n".utf8) + good + [0x0A])
        guard example.isValid else {
            return try expectRejected(chunk, line: before + example.text + [0x7D])
        }
        #expect(chunk.reasons == [])
        #expect(chunk.cells("id") == [.integer(1), .integer(2)])
    }

    @Test("as a whole record", arguments: GrammarCase.all)
    func wholeRecord(example: GrammarCase) throws {
        let records = try Records([Records.key], mapping: RecordMapping(drop: ["*"]))
        let line = trimmed(example.text)
        // A blank line is no record at all, and no object of the table has the key.
        guard !line.isEmpty else { return }
        try expectRejected(decode(records, "", example.text, ""), line: example.text)
    }

    @Test("as a message's value", arguments: GrammarCase.all)
    func messageValue(example: GrammarCase) throws {
        let records = try Records(
            [Records.key, FieldSchema(name: "value", type: .json, isNullable: true)], form: .kcat)
        let before = Array(#"{"topic":"t","payload":{"id":1,"value":"#.utf8)
        let good = Array(#"{"topic":"t","payload":{"id":2}}"#.utf8)
        let chunk = records.decode(bytes: before + example.text + Array("}}\n".utf8) + good + [0x0A])
        // The envelope's two levels count, too.
        let isValid = example.isValid && !["256 arrays", "255 objects"].contains(example.name)
        guard isValid else {
            return try expectRejected(chunk, line: before + example.text + [0x7D, 0x7D])
        }
        guard example.isStorable else {
            #expect(chunk.rejectedLines == [1])
            return
        }
        #expect(chunk.reasons == [])
        let isNull = example.text == Array("null".utf8)
        #expect(chunk.cells("value") == [isNull ? .absent : .bytes(trimmed(example.text)), .absent])
    }

    @Test("text around a record is refused, white space is not")
    func aroundTheRecord() throws {
        let records = try Records([Records.key])
        let good = records.decode("\t {\"id\":1}", "{\"id\":2} \r", " \t\r{ \"id\" : 3 }\t", "{\r\"id\":4\r}\r")
        #expect(good.reasons == [])
        #expect(good.cells("id") == [.integer(1), .integer(2), .integer(3), .integer(4)])
        let bad = records.decode(
            "\u{FEFF}{\"id\":1}", "{\"id\":1}}", "{\"id\":1},", "{\"id\":1} {\"id\":2}", "{\"id\":1}\u{0}",
            "[{\"id\":1}]",
            "{\"id\":1", "{\"id\":1}x", "\u{0B}{\"id\":1}", ",{\"id\":1}", "{\"id\":1}//")
        #expect(bad.cells("id") == [])
        #expect(bad.rejects.count == 11)
    }

    @Test("a reason names the byte at which the record stops being JSON")
    func place() throws {
        let records = try Records(value: .json)
        #expect(
            records.fault(#""a\qb""#) == #"field `value`: not valid JSON: an escape that JSON does not have at byte 22"#
        )
        let second = records.decode(#"{"id": 1, "value": 1}"#, #"{"id": 2, "value": [1 2]}"#)
        #expect(second.reasons == ["field `value`: not valid JSON: a comma or a bracket is missing at byte 23"])
    }

    @Test("a reason calls a value that is no JSON what it is")
    func notANumber() throws {
        let records = try Records(value: .json)
        for text in ["", "-", "- 1", "-x", "NaN", "Infinity", "-Infinity", "'a'", "+1", ".5"] {
            let fault = try #require(records.fault(text))
            #expect(fault.contains("not valid JSON"), "\(text): \(fault)")
        }
        let numbers = try Records(value: .double)
        for text in ["-", "-x", "-Infinity"] {
            let fault = try #require(numbers.fault(text))
            #expect(!fault.contains("found a number"), "\(text): \(fault)")
        }
    }
}
