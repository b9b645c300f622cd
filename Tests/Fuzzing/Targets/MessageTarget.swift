import BackfillCore
import RowDecoding

/// Messages of a topic, and lines of kcat. The first byte chooses how they are read and which of the two they are.
///
/// A message is its key, its value, the name of a header and, where there is a name, the header's value, with 0xFF between
/// all parts. A part that is the byte 0xFE alone is not there.
struct MessageTarget: FuzzTarget {
    private struct Decoders {
        var messages: ChunkDecoder
        var lines: ChunkDecoder
    }

    private let decoders: [Decoders]

    init() throws {
        let sources: [String: FieldSource] = [
            "key": .key, "i64": .timestamp, "i32": .partition, "topic": .topic, "offset": .offset,
            "header": .header("h"),
        ]
        let fields =
            EveryType.fields + [
                FieldSchema(name: "topic", type: .varChar(maxLength: 20)), FieldSchema(name: "offset", type: .int64),
                FieldSchema(name: "header", type: .varChar(maxLength: 6), isNullable: true),
            ]
        decoders = try RecordMapping.Tombstones.allCases.flatMap { tombstones in
            try MessageKey.Format.allCases.map { format in
                let keyField = FieldSchema(
                    name: "key", type: format == .integer ? .int64 : .varChar(maxLength: 12), isNullable: true)
                let schema = CollectionSchema(
                    name: "articles", id: 7, fields: fields + [keyField], hasDynamicField: true)
                let mapping = RecordMapping(
                    fields: sources,
                    key: MessageKey(format: format, path: format == .json && tombstones == .skip ? ["k"] : []),
                    tombstones: tombstones)
                return try Decoders(
                    messages: ChunkDecoder(
                        plan: RecordPlan(schema: schema, mapping: mapping, form: .message), lanes: 3, unit: 0),
                    lines: ChunkDecoder(
                        plan: RecordPlan(schema: schema, mapping: mapping, form: .kcat), lanes: 3, unit: 0,
                        fileNames: ["dump.jsonl"]))
            }
        }
    }

    func run(_ input: [UInt8]) {
        guard let choice = input.first else { return }
        let pair = decoders[Int(choice >> 1) % decoders.count]
        let rest = Array(input.dropFirst())
        if choice & 1 == 0 {
            runLines(rest.asWholeLines, pair.lines)
        } else {
            runMessages(rest, pair)
        }
    }

    private func runLines(_ text: [UInt8], _ decoder: ChunkDecoder) {
        let whole = decoder.decode(.lines(LineChunk(text)))
        let lines = text.lines
        whole.requireComplete(records: lines.count { !$0.isBlank })
        _ = decoder.survey(.lines(LineChunk(text)), records: 20, minimum: 1)
        let alone = lines.enumerated().map { index, line in
            decoder.decode(.lines(LineChunk(line + [UInt8(ascii: "\n")], firstLine: index + 1)))
        }
        require(alone.flatMap(\.rowTexts) == whole.rowTexts, "a chunk of lines makes the rows of its lines")
        require(alone.flatMap(\.deletedTexts) == whole.deletedTexts, "a chunk of lines deletes what its lines delete")
        let rejects = alone.flatMap(\.rejects)
        require(rejects == whole.rejects, "a chunk makes the rejects of its lines: \(rejects), \(whole.rejects)")
    }

    private func runMessages(_ input: [UInt8], _ pair: Decoders) {
        let chunk = messages(input)
        let native = pair.messages.decode(.messages(chunk))
        native.requireComplete(records: chunk.messages.count)
        _ = pair.messages.survey(.messages(chunk), records: 20, minimum: 1)

        let line = MessageLine(topic: chunk.topic, partition: Int(chunk.partition))
        var text: [UInt8] = []
        for message in chunk.messages { line.append(message, headers: chunk.headers, bytes: chunk.bytes, to: &text) }
        let dumped = pair.lines.decode(.lines(LineChunk(text)))
        require(dumped.rowTexts == native.rowTexts, "a topic and its dump make the same rows")
        require(dumped.deletedTexts == native.deletedTexts, "a topic and its dump delete the same")
        let moved = dumped.rejects.map { reject in
            var reject = reject
            reject.position = .offset(reject.offset)
            return reject
        }
        require(moved == native.rejects, "a topic and its dump make the same rejects: \(native.rejects), \(moved)")
    }

    private func messages(_ input: [UInt8]) -> MessageChunk {
        var chunk = MessageChunk(topic: "articles", partition: 3, end: 0)
        var parts = input.split(separator: 0xFF, omittingEmptySubsequences: false)[...]
        func add(_ part: ArraySlice<UInt8>?) -> Range<Int>? {
            guard let part, part != [0xFE] else { return nil }
            let begin = chunk.bytes.count
            chunk.bytes += part
            // What a value must have behind it does not hurt behind the others.
            defer { chunk.bytes.append(UInt8(ascii: "\n")) }
            return begin..<chunk.bytes.count
        }
        while !parts.isEmpty {
            let key = add(parts.popFirst())
            let value = add(parts.popFirst())
            let firstHeader = chunk.headers.count
            if let name = add(parts.popFirst()) {
                chunk.headers.append(MessageChunk.Header(name: name, value: add(parts.popFirst())))
            }
            let number = chunk.messages.count
            chunk.messages.append(
                MessageChunk.Message(
                    offset: Int64(number), timestamp: number.isMultiple(of: 2) ? Int64(number) : nil, key: key,
                    value: value, headers: firstHeader..<chunk.headers.count))
        }
        return chunk
    }
}
