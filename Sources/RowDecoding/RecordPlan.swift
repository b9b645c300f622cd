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
        case json(JSONKinds)
        case array(ElementKind, maxCapacity: Int)
        case vector(VectorElement, dimension: Int)
        case sparseVector(mayBeEmpty: Bool)
        case geometry(anyKind: Bool)
        case timestamptz
    }

    /// What the value of a JSON field may be.
    enum JSONKinds: Sendable {
        case objects, objectsAndArrays, any
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
    /// nil for a field that no row can be written for.
    let kinds: [ColumnKind?]
    /// What is written into a column for a record that has no value, where the server does not fill it in itself.
    let fallbacks: [DefaultValue?]
    /// Index of the primary key in `fields`.
    public let keyColumn: Int
    /// The collection's primary key.
    public var key: FieldSchema { fields[keyColumn] }
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
    let dropped: Set<[UInt8]>
    let dropsUnknown: Bool
    /// Names that may not go into `$meta`, where they would stand for a field.
    let reserved: Set<[UInt8]>
    let tombstones: RecordMapping.Tombstones
    let limits: ServerLimits
}

extension RecordPlan {
    /// - Parameter limits: what the server does not take.
    /// - Throws: `PlanError` with every reason why the mapping and the schema do not fit.
    public init(
        schema: CollectionSchema, mapping: RecordMapping, form: RecordForm,
        limits: ServerLimits = ServerLimits(name: "Milvus")
    ) throws(PlanError) {
        let (plan, findings) = Self.draft(schema: schema, mapping: mapping, form: form, limits: limits)
        guard let plan, findings.isEmpty else { throw PlanError(collection: schema.name, findings: findings) }
        self = plan
    }

    /// A plan that records can be looked at with, even where none could be written by it.
    ///
    /// - Returns: nil for a collection without a primary key; and every reason why the mapping and the schema do not
    ///   fit.
    public static func draft(
        schema: CollectionSchema, mapping: RecordMapping, form: RecordForm, limits: ServerLimits
    ) -> (plan: RecordPlan?, findings: [String]) {
        var findings: [String] = []
        let written = schema.fields.filter { !$0.isFunctionOutput }
        var kinds: [ColumnKind?] = []
        var members: [Member] = []
        var metadata: [Metadata] = []
        for (index, field) in written.enumerated() {
            let kind = kind(of: field.type, limits)
            kinds.append(kind)
            if kind == nil {
                findings.append("field `\(field.name)` is of type \(field.type), which this version does not write")
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
                if form == .record || !source.fits(field.type) { kinds[index] = nil }
            }
        }
        findings += limits.findings(on: written)
        findings += keyFindings(schema)
        if form != .record { findings += messageKeyFindings(mapping, written: written) }
        findings += mappingFindings(mapping, written: written, schema: schema)
        for (name, fields) in Dictionary(grouping: members, by: \.name).sorted(by: {
            $0.value[0].column < $1.value[0].column
        })
        where fields.count > 1 {
            findings.append("two fields take the record member `\(String(decoding: name, as: UTF8.self))`")
        }
        guard let keyColumn = written.firstIndex(where: \.isPrimaryKey) else { return (nil, findings) }

        let dynamic = FieldSchema(name: "$meta", type: .json)
        let fillsIn = limits.missing.contains(.absentValues)
        let sent = written.map { field in
            var field = field
            if fillsIn { field.defaultValue = nil }
            return field
        }
        let keyPath = mapping.key.path.map { Array($0.utf8) }
        let plan = RecordPlan(
            fields: sent + (schema.hasDynamicField ? [dynamic] : []), form: form,
            kinds: kinds + (schema.hasDynamicField ? [.json(.objects)] : []),
            fallbacks: written.map { field in
                fillsIn ? field.defaultValue.flatMap { $0.fits(field.type) ? $0 : nil } : nil
            } + (schema.hasDynamicField ? [nil] : []),
            keyColumn: keyColumn, members: members, metadata: metadata,
            dynamicColumn: schema.hasDynamicField ? written.count : nil, path: mapping.path.map { Array($0.utf8) },
            mayBeInConnectEnvelope: mapping.path.isEmpty && !members.contains { ConnectEnvelope.hasMember($0.name) },
            keyFormat: mapping.key.format, keyPath: keyPath,
            keyMayBeInConnectEnvelope: keyPath.first.map { !ConnectEnvelope.hasMember($0) } ?? true,
            dropped: Set(mapping.drop.filter { $0 != "*" }.map { Array($0.utf8) }),
            dropsUnknown: mapping.drop.contains("*"),
            reserved: Set(schema.fields.map { Array($0.name.utf8) } + [Array("$meta".utf8)]),
            tombstones: mapping.tombstones, limits: limits)
        return (plan, findings)
    }

    func mayBeAbsent(_ column: Int) -> Bool { fallbacks[column] != nil || refusalOfNull(column) == nil }

    /// Why a column takes no null; nil when it does.
    func refusalOfNull(_ column: Int) -> String? {
        guard fields[column].isOptional else { return "null, and the field is not nullable" }
        if case .sparseVector = kinds[column], limits.missing.contains(.nullSparseVectors) {
            return "null, and \(limits.name) takes none in a sparse vector"
        }
        return nil
    }

    private static func keyFindings(_ schema: CollectionSchema) -> [String] {
        guard let key = schema.primaryKey else { return ["the collection has no primary key"] }
        if key.isFunctionOutput { return ["its primary key `\(key.name)` is computed by the server"] }
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

    private static func kind(of type: FieldType, _ limits: ServerLimits) -> ColumnKind? {
        switch type {
        case .json: .json(jsonKinds(limits))
        case .vector(let element, let dimension): .vector(element, dimension: dimension)
        case .sparseFloatVector: .sparseVector(mayBeEmpty: !limits.missing.contains(.emptySparseVectors))
        case .geometry: .geometry(anyKind: !limits.missing.contains(.anyGeometry))
        case .timestamptz: .timestamptz
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

    private static func jsonKinds(_ limits: ServerLimits) -> JSONKinds {
        if limits.missing.contains(.jsonArrays) { return .objects }
        return limits.missing.contains(.jsonScalars) ? .objectsAndArrays : .any
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
        case .json, .geometry, .timestamptz, .array, .vector, .sparseFloatVector, .unsupported: nil
        }
    }
}

extension RecordPlan {
    /// One line for each field: where its value comes from.
    public var summary: [String] {
        var lines = [String](repeating: "", count: fields.count)
        func field(_ column: Int) -> String {
            "\(fields[column])" + (fallbacks[column].map { " default \($0)" } ?? "")
        }
        for member in members {
            lines[member.column] = "\(field(member.column)) <- \(String(decoding: member.name, as: UTF8.self))"
        }
        for entry in metadata { lines[entry.column] = "\(field(entry.column)) <- \(entry.source)" }
        if let dynamicColumn { lines[dynamicColumn] = "$meta JSON <- every other member" }
        return lines
    }
}
