import BackfillCore
import RowDecoding
import TestSupport
import Testing

@Suite("A record with a value of every type and random damage")
struct EveryTypeTests {
    private static let values: [(name: String, type: FieldType, text: String)] = [
        ("half", .vector(.float16, dimension: 2), "[0.5,-65504]"),
        ("brain", .vector(.bfloat16, dimension: 2), #""gD+Avw==""#),
        ("small", .vector(.int8, dimension: 3), "[1,-128,127]"), ("bits", .vector(.binary, dimension: 16), #""AP8=""#),
        ("sparse", .sparseFloatVector, #"{"7":0.5,"3":1e-3}"#),
        ("lists", .sparseFloatVector, #"{"indices":[9,1],"values":[1,2]}"#),
        ("place", .geometry, #""POLYGON ((0 0, 1 0, 1 1, 0 0))""#),
        ("points", .geometry, #""GEOMETRYCOLLECTION (POINT Z (1 2 3), MULTIPOINT ((1 2), 3 4))""#),
        ("at", .timestamptz, #""2024-02-29T23:59:59.5+01:30""#), ("doc", .json, #"{"a":[1,2.5e3,null]}"#),
    ]

    private static let fields =
        [Records.key] + values.map { FieldSchema(name: $0.name, type: $0.type, isNullable: true) }

    private static let pieces = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "-", "0", "9", "1e9", ".", "null", " ", "e", "+", "Z", "(", ")", "=",
        "4294967295", "1e39", "\"indices\":", "EMPTY", "\\u0041", "é", "00", "_",
    ]

    private func damaged(_ random: inout SeededGenerator) -> String {
        var texts = Self.values.filter { _ in !random.oneIn(4) }
        if !texts.isEmpty, !random.oneIn(4) {
            let index = random.number(0...texts.count - 1)
            var characters = Array(texts[index].text)
            for _ in 0..<random.number(1...2) {
                let place = random.number(0...characters.count - 1)
                switch random.number(0...3) {
                case 0 where characters.count > 1: characters.remove(at: place)
                case 1: characters.swapAt(place, random.number(0...characters.count - 1))
                case 2: characters[place] = Self.pieces[random.number(0...Self.pieces.count - 1)].first ?? " "
                default:
                    let piece = Self.pieces[random.number(0...Self.pieces.count - 1)]
                    characters.insert(contentsOf: piece, at: place)
                }
            }
            texts[index].text = String(characters)
        }
        let members = texts.map { #""\#($0.name)":\#($0.text)"# } + [#""id":1"#]
        return "{\(members.shuffled(using: &random).joined(separator: ","))}"
    }

    /// What every value of a column is, whatever it was read from.
    private func isSound(_ column: Column) -> Bool {
        guard column.layout == .bytes || column.layout == .packed else { return true }
        return (0..<column.count).allSatisfy { row in
            guard column.isPresent.isEmpty || column.isPresent[row] else { return true }
            let bytes = Array(column.bytes[column.byteRange(row)])
            switch column.field.type {
            case .sparseFloatVector:
                let indices = stride(from: 0, to: bytes.count, by: 8).map { begin in
                    (0..<4).reduce(0) { $0 | Int(bytes[begin + $1]) << (8 * $1) }
                }
                return bytes.count.isMultiple(of: 8) && zip(indices, indices.dropFirst()).allSatisfy { $0 < $1 }
                    && indices.allSatisfy { $0 < 0xFFFF_FFFF }
            case .timestamptz: return [20, 27].contains(bytes.count) && bytes.last == UInt8(ascii: "Z")
            case .vector(let element, let dimension): return bytes.count == element.byteCount(dimension: dimension)
            case .geometry, .json: return !bytes.isEmpty
            default: return true
            }
        }
    }

    @Test("is decoded or rejected, and a look at it finds the same", arguments: UInt64(1)...20)
    func damage(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let records = try Records(Self.fields)
        let lines = (0..<500).map { _ in damaged(&random) }
        let chunk = records.decode(lines)
        #expect(chunk.rows.count + chunk.rejects.count == lines.count)
        #expect(chunk.rows.count > 100, "damage that always shows tests one side only")
        #expect(chunk.rejects.count > 100, "damage that never shows tests one side only")
        for column in chunk.columns { #expect(isSound(column), "\(column.field.name)") }

        let wellFormed = try Records([Records.key], mapping: RecordMapping(drop: ["*"]))
        let rejected = Set(chunk.rejectedLines)
        for (index, line) in lines.enumerated() {
            let isRejected = rejected.contains(index + 1)
            #expect(records.decode(line).rows.count == (isRejected ? 0 : 1), "\(line)")
            let look = records.decoder.survey(
                .lines(Records.chunk(Array("\(line)\n".utf8))), records: 1, minimum: 1)
            // What is no JSON is no matter of fields.
            let isWellFormed = !wellFormed.decode(line).rows.isEmpty
            #expect(look.findings.isEmpty != (isRejected && isWellFormed), "\(line)")
        }
    }
}
