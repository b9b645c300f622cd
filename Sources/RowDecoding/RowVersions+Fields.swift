public import BackfillCore

extension RowVersions {
    /// - Parameters:
    ///   - name: a field of numbers or instants; see `findings(on:schema:)`.
    ///   - plan: what is written.
    /// - Returns: nil where the plan writes no such field.
    public init?(of name: String, in plan: RecordPlan) {
        guard let column = plan.fields.firstIndex(where: { $0.name == name }),
            let read = Self.reader(of: plan.fields[column].type)
        else { return nil }
        self.init(field: plan.fields[column], column: column, read: read)
    }

    /// Why a field cannot tell how new a row is; sentences without a full stop.
    public static func findings(
        on name: String, schema: CollectionSchema, mapping: RecordMapping, form: RecordForm
    ) -> [String] {
        guard let field = schema.fields.first(where: { $0.name == name && !$0.isFunctionOutput }) else {
            return ["it has no field `\(name)` (run.ifNewer.field) that records fill"]
        }
        var findings: [String] = []
        if field.isPrimaryKey {
            findings.append("field `\(name)` (run.ifNewer.field) is the primary key, so it is the same in both rows")
        }
        if reader(of: field.type) == nil {
            findings.append(
                "field `\(name)` (run.ifNewer.field) is of type \(field.type): only Int8 to Int64, Float, Double and "
                    + "Timestamptz tell which row is newer")
        }
        if form != .record, mapping.tombstones == .delete {
            findings.append(
                "a tombstone has no `\(name)` (run.ifNewer.field), so nothing tells whether the stored row is newer: set "
                    + "record.tombstones to `skip` or `reject`")
        }
        return findings
    }

    /// nil for a type whose values do not tell what is newer.
    private static func reader(of type: FieldType) -> (@Sendable (Column, Int) -> RowVersion?)? {
        switch type {
        case .int8, .int16, .int32, .int64: { .integer($0.integers[$1]) }
        case .float: { .number(Double($0.floats[$1])) }
        case .double: { .number($0.doubles[$1]) }
        case .timestamptz:
            { column, row in
                do throws(RecordFault) {
                    return .integer(try Instant(Array(column.bytes[column.byteRange(row)])).microseconds)
                } catch {
                    return nil
                }
            }
        case .bool, .json, .geometry, .varChar, .array, .vector, .sparseFloatVector, .unsupported: nil
        }
    }
}
