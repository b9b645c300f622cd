import BackfillCore
import Foundation
import RowDecoding

/// Lines that are records. The first byte chooses how they are read, the others are the lines.
struct RecordTarget: FuzzTarget {
    private let decoders: [ChunkDecoder]

    init() throws {
        decoders = try [
            (false, RecordMapping()), (true, RecordMapping()), (true, RecordMapping(drop: ["*"])),
            (true, RecordMapping(path: ["after"], fields: ["s": .member("text")])),
        ].map { isDynamic, mapping in
            let schema = CollectionSchema(
                name: "articles", id: 7, fields: EveryType.fields, hasDynamicField: isDynamic)
            let plan = try RecordPlan(schema: schema, mapping: mapping, form: .record)
            return ChunkDecoder(plan: plan, lanes: 3, unit: 0, fileNames: ["dump.jsonl"])
        }
    }

    func run(_ input: [UInt8]) {
        guard let choice = input.first else { return }
        let decoder = decoders[Int(choice) % decoders.count]
        let text = Array(input.dropFirst()).asWholeLines
        let whole = decoder.decode(.lines(LineChunk(text)))
        let lines = text.lines
        whole.requireComplete(records: lines.count { !$0.isBlank })
        _ = decoder.survey(.lines(LineChunk(text)), records: 20, minimum: 1)

        var rows: [String] = []
        var rejects: [Reject] = []
        for (index, line) in lines.enumerated() {
            let one = decoder.decode(.lines(LineChunk(line + [UInt8(ascii: "\n")], firstLine: index + 1)))
            rows += one.rowTexts
            rejects += one.rejects
            if !one.operations.isEmpty { requireJSON(line) }
        }
        require(rows == whole.rowTexts, "a chunk of lines makes the rows of its lines")
        require(rejects == whole.rejects, "a chunk makes the rejects of its lines: \(rejects), \(whole.rejects)")
        require(rejects.allSatisfy { $0.payload == Array(lines[Int($0.offset) - 1]) }, "a reject is the whole line")
    }

    /// What is accepted is JSON to Foundation too, which refuses numbers beyond a Double.
    private func requireJSON(_ line: ArraySlice<UInt8>) {
        let mayBeBeyondDouble = line.contains { [0x45, 0x65].contains($0) } || line.count > 300
        let isJSON = (try? JSONSerialization.jsonObject(with: Data(line))) is [String: Any]
        require(isJSON || mayBeBeyondDouble, "an accepted line is JSON")
    }
}
