import BackfillCore

/// A field of `target.milvus.create` with the section that describes it, for checks across fields.
struct FieldEntry {
    let schema: FieldSchema
    let section: Section<JobFileKeys.Field>

    func checkKeyType(_ role: String) {
        switch schema.type {
        case .int64, .varChar, .unsupported: break
        default: section.report(.type, "must be `Int64` or `VarChar` for the \(role)")
        }
    }
}
