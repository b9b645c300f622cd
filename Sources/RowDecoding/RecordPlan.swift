public import BackfillCore

/// Which part of a record goes into which column: the job's mapping applied to the collection's schema.
public struct RecordPlan: Sendable {
    /// How a column's values are read; limits included, so that the hot path looks nothing up.
    enum ColumnKind: Sendable {
        case bool
        case integer(ClosedRange<Int64>)
        case float
        case double
        case varChar(maxLength: Int)
        case json
        case array(ElementKind, maxCapacity: Int)
        case floatVector(dimension: Int)
    }

    enum ElementKind: Sendable {
        case bool
        case integer(ClosedRange<Int64>)
        case float
        case double
        case varChar(maxLength: Int)
    }

    struct Member: Sendable {
        var name: [UInt8]
        var column: Int
    }

    struct Metadata: Sendable {
        var source: FieldSource
        /// The name of the header that `source` names, in UTF-8; empty for every other source.
        var header: [UInt8]
        var column: Int
    }

    /// The fields that are written, then `$meta` if the collection has a dynamic field.
    public let fields: [FieldSchema]
    /// What the source hands over for each record.
    public let form: RecordForm
    let kinds: [ColumnKind?]
    let keyColumn: Int
    let members: [Member]
    let metadata: [Metadata]
    let dynamicColumn: Int?
    let path: [[UInt8]]
    /// Whether a document that is Connect's envelope stands for its payload: with a path the person has said where the
    /// record lies, and a record may have members of these names itself.
    let mayBeInConnectEnvelope: Bool
    let keyFormat: MessageKey.Format
    let keyPath: [[UInt8]]
    /// The same for keys.
    let keyMayBeInConnectEnvelope: Bool
    var dropped: Set<[UInt8]>
    let dropsUnknown: Bool
    /// Names that may not go into `$meta`, where they would stand for a field.
    let reserved: Set<[UInt8]>
    let tombstones: RecordMapping.Tombstones

    /// - Throws: `PlanError` with every reason why the mapping and the schema do not fit.
    public init(
        schema: CollectionSchema, mapping: RecordMapping, form: RecordForm
    ) throws(PlanError) {
        var findings: [String] = []
        let written = schema.fields.filter { !$0.isFunctionOutput }
        var kinds: [ColumnKind?] = []
        var members: [Member] = []
        var metadata: [Metadata] = []
        for (index, field) in written.enumerated() {
            let kind = Self.kind(of: field.type)
            kinds.append(kind)
            if kind == nil {
                findings.append("field `\(field.name)` is of type \(field.type), which this version does not write")
            }
            if case .floatVector = field.type, field.isOptional {
                findings.append("field `\(field.name)` is a nullable vector, which this version does not write")
            }
            switch mapping.fields[field.name] ?? .member(field.name) {
            case .member(let name):
                members.append(Member(name: Array(name.utf8), column: index))
            case let source:
                var header: [UInt8] = []
                if case .header(let name) = source { header = Array(name.utf8) }
                metadata.append(Metadata(source: source, header: header, column: index))
                if form == .record {
                    findings.append(
                        "field `\(field.name)` takes `\(source)`, which only a message has, and a line of this dump is "
                            + "the record itself")
                } else if !source.fits(field.type) {
                    findings.append("field `\(field.name)` of type \(field.type) cannot hold `\(source)`")
                }
            }
        }
        findings += Self.keyFindings(schema)
        if form != .record { findings += Self.messageKeyFindings(mapping, written: written) }
        findings += Self.mappingFindings(mapping, written: written, schema: schema)
        for (name, fields) in Dictionary(grouping: members, by: \.name).sorted(by: {
            $0.value[0].column < $1.value[0].column
        })
        where fields.count > 1 {
            findings.append("two fields take the record member `\(String(decoding: name, as: UTF8.self))`")
        }
        guard findings.isEmpty, let keyColumn = written.firstIndex(where: \.isPrimaryKey) else {
            throw PlanError(collection: schema.name, findings: findings)
        }

        let dynamic = FieldSchema(name: "$meta", type: .json)
        self.fields = written + (schema.hasDynamicField ? [dynamic] : [])
        self.kinds = kinds + (schema.hasDynamicField ? [.json] : [])
        self.form = form
        self.keyColumn = keyColumn
        self.members = members
        self.metadata = metadata
        self.dynamicColumn = schema.hasDynamicField ? written.count : nil
        self.path = mapping.path.map { Array($0.utf8) }
        self.mayBeInConnectEnvelope =
            mapping.path.isEmpty && !members.contains { ConnectEnvelope.hasMember($0.name) }
        self.keyFormat = mapping.key.format
        self.keyPath = mapping.key.path.map { Array($0.utf8) }
        self.keyMayBeInConnectEnvelope = keyPath.first.map { !ConnectEnvelope.hasMember($0) } ?? true
        self.dropped = Set(mapping.drop.filter { $0 != "*" }.map { Array($0.utf8) })
        self.dropsUnknown = mapping.drop.contains("*")
        self.reserved = Set(schema.fields.map { Array($0.name.utf8) } + [Array("$meta".utf8)])
        self.tombstones = mapping.tombstones
    }

    private static func keyFindings(_ schema: CollectionSchema) -> [String] {
        guard let key = schema.primaryKey else { return ["the collection has no primary key"] }
        if key.isAutoID {
            return [
                "its primary key `\(key.name)` is made by the server (autoID), so that a repeated write would "
                    + "duplicate rows: use a collection whose key comes from the records"
            ]
        }
        switch key.type {
        case .int64, .varChar: return []
        default: return ["its primary key `\(key.name)` is of type \(key.type), neither Int64 nor VarChar"]
        }
    }

    /// A key of bytes that stand for an integer can be no text.
    private static func messageKeyFindings(_ mapping: RecordMapping, written: [FieldSchema]) -> [String] {
        guard mapping.key.format == .integer else { return [] }
        return written.compactMap { field in
            guard case .varChar = field.type else { return nil }
            if mapping.fields[field.name] == .key {
                return "field `\(field.name)` of type \(field.type) takes `$key`, and a key of record.key's format "
                    + "`integer` is no text"
            }
            guard field.isPrimaryKey, mapping.tombstones == .delete else { return nil }
            return "its primary key `\(field.name)` is of type \(field.type), and a key of record.key's format "
                + "`integer`, which names the row that a tombstone deletes, is no text"
        }
    }

    private static func mappingFindings(
        _ mapping: RecordMapping, written: [FieldSchema], schema: CollectionSchema
    ) -> [String] {
        mapping.fields.keys.sorted().compactMap { name in
            if written.contains(where: { $0.name == name }) { return nil }
            if schema.fields.contains(where: { $0.name == name }) {
                return "record.fields maps `\(name)`, which the server computes by itself"
            }
            let names = written.map(\.name).joined(separator: "`, `")
            return "record.fields maps `\(name)`, which is no field of the collection (its fields: `\(names)`)"
        }
    }

    private static func kind(of type: FieldType) -> ColumnKind? {
        switch type {
        case .json: .json
        case .floatVector(let dimension): .floatVector(dimension: dimension)
        case .array(let element, let maxCapacity):
            elementKind(of: element).map { .array($0, maxCapacity: maxCapacity) }
        default:
            switch elementKind(of: type) {
            case .bool: .bool
            case .integer(let range): .integer(range)
            case .float: .float
            case .double: .double
            case .varChar(let maxLength): .varChar(maxLength: maxLength)
            case nil: nil
            }
        }
    }

    private static func elementKind(of type: FieldType) -> ElementKind? {
        switch type {
        case .bool: .bool
        case .int8: .integer(-128...127)
        case .int16: .integer(-32768...32767)
        case .int32: .integer(Int64(Int32.min)...Int64(Int32.max))
        case .int64: .integer(Int64.min...Int64.max)
        case .float: .float
        case .double: .double
        case .varChar(let maxLength): .varChar(maxLength: maxLength)
        case .json, .array, .floatVector, .unsupported: nil
        }
    }
}

extension RecordPlan {
    /// One line for each field: where its value comes from.
    public var summary: [String] {
        var lines = [String](repeating: "", count: fields.count)
        for member in members {
            lines[member.column] = "\(fields[member.column]) <- \(String(decoding: member.name, as: UTF8.self))"
        }
        for entry in metadata { lines[entry.column] = "\(fields[entry.column]) <- \(entry.source)" }
        if let dynamicColumn { lines[dynamicColumn] = "$meta JSON <- every other member" }
        return lines
    }
}
