import BackfillCore
import RowDecoding

/// A collection with a mapping, and the lines that are decoded for it.
struct Records {
    static let key = FieldSchema(name: "id", type: .int64, isPrimaryKey: true)

    let plan: RecordPlan
    var lanes = 3

    init(
        _ fields: [FieldSchema],
        isDynamic: Bool = false,
        mapping: RecordMapping = RecordMapping(),
        form: RecordForm = .record,
        limits: ServerLimits = ServerLimits(name: "Milvus")
    ) throws {
        let schema = CollectionSchema(name: "articles", id: 7, fields: fields, hasDynamicField: isDynamic)
        plan = try RecordPlan(schema: schema, mapping: mapping, form: form, limits: limits)
    }

    /// A collection with the key `id` and one more field, `value`.
    init(
        value type: FieldType,
        isNullable: Bool = false,
        defaultValue: DefaultValue? = nil,
        mapping: RecordMapping = RecordMapping(),
        form: RecordForm = .record,
        limits: ServerLimits = ServerLimits(name: "Milvus")
    ) throws {
        try self.init(
            [Self.key, FieldSchema(name: "value", type: type, isNullable: isNullable, defaultValue: defaultValue)],
            mapping: mapping, form: form, limits: limits)
    }

    static func place(ofLine line: Int) -> DumpPosition {
        DumpPosition(file: 0, frame: 1, frameOffset: 0, textOffset: 0, line: line)
    }

    static func chunk(_ bytes: [UInt8], firstLine: Int = 1) -> LineChunk {
        LineChunk(
            bytes: bytes, start: place(ofLine: firstLine), end: .start(ofFile: 1), bytesOnDisk: bytes.count)
    }

    var decoder: ChunkDecoder { ChunkDecoder(plan: plan, lanes: lanes, unit: 4, fileNames: ["dump.jsonl"]) }

    func decode(bytes: [UInt8], firstLine: Int = 1) -> DecodedChunk {
        decoder.decode(.lines(Self.chunk(bytes, firstLine: firstLine)))
    }

    func decode(_ lines: [String]) -> DecodedChunk {
        decode(bytes: lines.flatMap { Array($0.utf8) + [0x0A] })
    }

    func decode(_ lines: String...) -> DecodedChunk {
        decode(lines)
    }

    /// Decodes one record in which `value` has this text.
    func decode(value: String) -> DecodedChunk {
        decode(#"{"id": 1, "value": \#(value)}"#)
    }

    /// What becomes of this text as the value of `value`: the value, or nil when the record is rejected.
    func value(_ text: String) -> Cell? {
        decode(value: text).cells("value").first
    }

    /// Why a record with this text as its `value` is rejected; nil when it is not.
    func fault(_ text: String) -> String? {
        decode(value: text).reasons.first
    }
}
