import BackfillCore
import Foundation
import TestSupport
import Testing

@Suite("A message as a line of JSON")
struct MessageLineTests {
    /// The members of a line, as Foundation's parser reads them.
    private struct Members: Decodable, Equatable {
        var topic: String
        var partition: Int
        var offset: Int64
        var tstype: String?
        var ts: Int64?
        var headers: [String?]?
        var headers_base64: [Data?]?
        var key: String?
        var key_base64: Data?
        var payload: String?
        var payload_base64: Data?
    }

    /// Messages of a partition in the form that a reader of Kafka gives them.
    private struct Sample {
        var bytes: [UInt8] = []
        var headers: [MessageChunk.Header] = []

        mutating func add(_ part: [UInt8]?) -> Range<Int>? {
            guard let part else { return nil }
            bytes += part + [UInt8(ascii: "\n")]
            return bytes.count - 1 - part.count..<bytes.count - 1
        }

        mutating func add(headers parts: [(name: [UInt8], value: [UInt8]?)]) -> Range<Int> {
            headers += parts.map { .init(name: add($0.name) ?? 0..<0, value: add($0.value)) }
            return headers.count - parts.count..<headers.count
        }
    }

    private func line(
        topic: String = "articles", partition: Int = 3, offset: Int64 = 17, timestamp: Int64? = nil,
        headers: [(name: [UInt8], value: [UInt8]?)] = [], key: [UInt8]? = nil, value: [UInt8]? = nil
    ) -> [UInt8] {
        var sample = Sample()
        let message = MessageChunk.Message(
            offset: offset, timestamp: timestamp, key: sample.add(key), value: sample.add(value),
            headers: sample.add(headers: headers))
        var text: [UInt8] = []
        MessageLine(topic: topic, partition: partition)
            .append(message, headers: sample.headers, bytes: sample.bytes, to: &text)
        return text
    }

    private func string(_ line: [UInt8]) -> String { String(decoding: line, as: UTF8.self) }

    @Test("has the members of kcat in kcat's order")
    func members() {
        let line = line(
            timestamp: 1_767_225_600_000,
            headers: [(Array("source".utf8), Array("crawler".utf8)), (Array("none".utf8), nil), ([], [])],
            key: Array("k\"1".utf8), value: Array("{\"id\":1}".utf8))
        #expect(
            string(line)
                == #"{"topic":"articles","partition":3,"offset":17,"tstype":"create","ts":1767225600000,"#
                + #""headers":["source","crawler","none",null,"",""],"key":"k\"1","payload":"{\"id\":1}"}"# + "\n")
    }

    @Test("leaves out the time and the headers that a message does not have; no key and no value are null")
    func absentParts() {
        #expect(
            string(line()) == #"{"topic":"articles","partition":3,"offset":17,"key":null,"payload":null}"# + "\n")
        #expect(
            string(line(offset: .max, timestamp: 0, key: [], value: []))
                == #"{"topic":"articles","partition":3,"offset":9223372036854775807,"tstype":"create","ts":0,"#
                + #""key":"","payload":""}"# + "\n")
    }

    @Test("escapes only what JSON forbids")
    func escapes() {
        let payload = "a/b \u{7F}\u{2028}é😀\"\\\n\r\t\u{0}\u{1F}\u{8}\u{10}\u{B}"
        #expect(
            string(line(value: Array(payload.utf8))).hasSuffix(
                "\"payload\":\"a/b \u{7F}\u{2028}é😀\\\"\\\\\\n\\r\\t\\u0000\\u001f\\u0008\\u0010\\u000b\"}\n"))
        #expect(string(line(topic: "a\"b")).hasPrefix(#"{"topic":"a\"b","#))
    }

    @Test("finds every byte that needs an escape, wherever it stands in a word", arguments: 0..<256)
    func everyByteEverywhere(byte: Int) throws {
        let byte = UInt8(byte)
        for length in [1, 7, 8, 9, 24] {
            for place in 0..<length {
                for filler in [UInt8(ascii: "7"), 0x21, 0x23, 0x5B, 0x5D, 0x7F, 0x20] {
                    var value = [UInt8](repeating: filler, count: length)
                    value[place] = byte
                    try check(value)
                }
            }
        }
    }

    /// Expects that the value comes back, from its text where that is exact and otherwise from the base64.
    private func check(_ value: [UInt8], _ comment: Comment? = nil) throws {
        let line = line(value: value)
        #expect(line.firstIndex(of: UInt8(ascii: "\n")) == line.count - 1, comment)
        #expect(String(validating: line, as: UTF8.self) != nil, comment)
        let members = try JSONDecoder().decode(Members.self, from: Data(line))
        #expect(members.payload == String(decoding: value, as: UTF8.self), comment)
        let isText = String(validating: value, as: UTF8.self) != nil
        #expect(members.payload_base64 == (isText ? nil : Data(value)), comment)
    }

    @Test("gives back any text of any length", arguments: 0..<60)
    func texts(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let scalars = (0..<random.number(0...20_000)).compactMap { _ -> Unicode.Scalar? in
            switch random.number(0...9) {
            case 0: Unicode.Scalar(random.number(0...0x1F))
            case 1: random.oneIn(2) ? "\"" : "\\"
            case 2: Unicode.Scalar(UInt32(random.number(0x80...0x10FFFF)))
            default: Unicode.Scalar(random.number(0x20...0x7F))
            }
        }
        try check(Array(String(String.UnicodeScalarView(scalars)).utf8), "seed \(seed)")
    }

    @Test("holds every byte of keys, values and headers, as text or as base64", arguments: 0..<500)
    func roundTrip(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let highest = random.oneIn(2) ? 0x7F : 0xFF
        let longest = [3, 20, 300][random.number(0...2)]
        func part(_ random: inout SeededGenerator) -> [UInt8] {
            (0..<random.number(0...longest)).map { _ in UInt8(random.number(0...highest)) }
        }
        let headers = (0..<random.number(0...3)).map { _ in
            (name: part(&random), value: random.oneIn(4) ? nil : part(&random))
        }
        let (key, value) = (random.oneIn(4) ? nil : part(&random), random.oneIn(4) ? nil : part(&random))
        let line = line(
            partition: .max, offset: .random(in: 0 ... .max, using: &random), headers: headers, key: key, value: value)
        #expect(line.firstIndex(of: UInt8(ascii: "\n")) == line.count - 1)
        let members = try JSONDecoder().decode(Members.self, from: Data(line))

        func isText(_ part: [UInt8]?) -> Bool { part.map { String(validating: $0, as: UTF8.self) != nil } ?? true }
        func text(_ part: [UInt8]?) -> String? { part.map { String(decoding: $0, as: UTF8.self) } }
        #expect(members.partition == .max)
        #expect(members.key == text(key))
        #expect(members.key_base64 == (isText(key) ? nil : key.map { Data($0) }))
        #expect(members.payload == text(value))
        #expect(members.payload_base64 == (isText(value) ? nil : value.map { Data($0) }))
        let parts: [[UInt8]?] = headers.flatMap { [$0.name, $0.value] }
        #expect(members.headers == (headers.isEmpty ? nil : parts.map(text)))
        #expect(members.headers_base64 == (parts.allSatisfy(isText) ? nil : parts.map { $0.map { Data($0) } }))
    }

    @Test("lines follow one another in one text")
    func manyLines() {
        var sample = Sample()
        var text: [UInt8] = []
        let writer = MessageLine(topic: "t", partition: 0)
        var expected: [UInt8] = []
        for offset in 0..<100 {
            let value = Array(String(repeating: "\u{1}", count: offset).utf8)
            let message = MessageChunk.Message(
                offset: Int64(offset), timestamp: nil, key: nil, value: sample.add(value))
            writer.append(message, headers: sample.headers, bytes: sample.bytes, to: &text)
            expected += line(topic: "t", partition: 0, offset: Int64(offset), value: value)
        }
        #expect(text == expected)
    }
}
