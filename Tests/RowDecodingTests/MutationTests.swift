import BackfillCore
import Foundation
import RowDecoding
import TestSupport
import Testing

@Suite("A record with random damage")
struct MutationTests {
    private static let pieces =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "-", "0", "1e9", ".", "null", "true", " ", "\t",
            "\r", "é",
            "\u{0}", "\u{7F}", "\"id\":", "\"title\":", "[[", "}}", "\u{FEFF}",
        ].map { Array($0.utf8) } + [[0x80], [0xC0], [0xED, 0xA0], [0xF4, 0x90], [0xFF]]

    private static let samples = [
        #"{"id": 17, "title": "a\"\u00e9\n😀", "vector": [0.25, -1e-3], "doc": {"a": [1, null, {"b": "\ud83d\ude00"}]}}"#,
        #"{"doc":[],"vector":"AACAPwAAAEA=","title":"","id":-9007199254740993,"unknown":{"x":[true,false,1.50E+2]}}"#,
        #"{"id":1e2,"title":"/\/\b","vector":[1,2],"doc":"","k":"v"}"#,
    ]

    private func mutate(_ text: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var text = text
        for _ in 0..<max(1, random.number(-2...3)) {
            let index = random.number(0...max(0, text.count - 1))
            switch random.number(0...5) {
            case 0 where !text.isEmpty: text[index] ^= 1 << UInt8(random.number(0...7))
            case 1: text.insert(UInt8(random.number(0...255)), at: index)
            case 2 where !text.isEmpty: text.remove(at: index)
            case 3: text.insert(contentsOf: Self.pieces[random.number(0...Self.pieces.count - 1)], at: index)
            case 4: text.removeSubrange(index..<min(text.count, index + random.number(1...8)))
            default:
                let from = random.number(0...max(0, text.count - 1))
                text.insert(contentsOf: text[from..<min(text.count, from + random.number(1...12))], at: index)
            }
        }
        // A line feed would make two records of one.
        return text.map { $0 == 0x0A ? 0x0B : $0 }
    }

    @Test("is rejected, or means the same to Foundation's parser", arguments: UInt64(1)...15)
    func records(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let records = try Records(
            [
                Records.key, FieldSchema(name: "title", type: .varChar(maxLength: 60)),
                FieldSchema(name: "vector", type: .floatVector(dimension: 2)),
                FieldSchema(name: "doc", type: .json, isNullable: true),
            ], isDynamic: true)
        let lines = (0..<600).map { mutate(Array(Self.samples[$0 % Self.samples.count].utf8), &random) }
        #expect(records.decode(Self.samples).reasons == [])
        let isBlank = lines.map { $0.allSatisfy { [0x20, 0x09, 0x0D].contains($0) } }
        let chunk = records.decode(bytes: lines.flatMap { $0 + [0x0A] })
        let rejected = Set(chunk.rejectedLines)
        #expect(chunk.rows.count + rejected.count == isBlank.count { !$0 })
        #expect(chunk.rejects.map(\.payload) == rejected.sorted().map { lines[$0 - 1] })

        let accepted = lines.indices.filter { !isBlank[$0] && !rejected.contains($0 + 1) }
        #expect(accepted.count > 20, "damage that always shows tests one side only")
        for (index, row) in zip(accepted, chunk.rows) {
            let shown = String(decoding: lines[index], as: UTF8.self)
            // Two differences are Foundation's own: it refuses a number beyond a Double, and drops a byte order mark
            // at the beginning of a text.
            guard let parsed = try? JSONSerialization.jsonObject(with: Data(lines[index])) as? [String: Any] else {
                #expect(shown.contains { "eE".contains($0) }, "\(shown)")
                continue
            }
            let title = try #require(parsed["title"] as? String, "\(shown)")
            if !shown.contains("\u{FEFF}") { #expect(row[1] == .text(title), "\(shown)") }
            let id = try #require(parsed["id"] as? NSNumber, "\(shown)")
            #expect(row[0] == .integer(id.int64Value), "\(shown)")
            for cell in row[3...] where cell != .absent {
                guard case .bytes(let text) = cell else { continue }
                #expect(
                    (try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)) != nil, "\(shown)"
                )
            }
        }
    }

    @Test("in a message of kcat is rejected with its place or decoded, and never lost", arguments: UInt64(1)...10)
    func messages(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let mapping = RecordMapping(fields: ["title": .key, "at": .timestamp, "source": .header("h")], drop: ["*"])
        let records = try Records(
            [
                Records.key, FieldSchema(name: "title", type: .varChar(maxLength: 60), isNullable: true),
                FieldSchema(name: "at", type: .int64, isNullable: true),
                FieldSchema(name: "source", type: .varChar(maxLength: 60), isNullable: true),
            ], mapping: mapping, form: .kcat)
        let samples = [
            #"{"topic":"t","partition":1,"offset":2,"ts":3,"headers":["h","v\n"],"key":"1","payload":"{\"id\":4,\"a\":[\"\\n\"]}"}"#,
            #"{"topic":"t","partition":1,"offset":2,"ts":3,"headers":["g",null],"key":"7","payload":null}"#,
            #"{"topic":"t","partition":1,"offset":2,"key":null,"payload":{"id": 5, "b":{"c":[1.5]}}}"#,
        ]
        let lines = (0..<600).map { mutate(Array(samples[$0 % samples.count].utf8), &random) }
        let blank = lines.count { $0.allSatisfy { [0x20, 0x09, 0x0D].contains($0) } }
        let chunk = records.decode(bytes: lines.flatMap { $0 + [0x0A] })
        #expect(chunk.operations.count + chunk.rejects.count == lines.count - blank)
        #expect(chunk.rows.count + chunk.deletedKeys.count == chunk.operations.count)
        #expect(chunk.rejects.allSatisfy { !$0.reason.isEmpty })
        #expect(chunk.counts.read == lines.count - blank)
    }
}
