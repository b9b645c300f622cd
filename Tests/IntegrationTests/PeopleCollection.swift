/// A small collection with one field of each common kind, and records for it.
enum People {
    static let schema = """
        {"fields": [{"name": "id", "type": "INT64", "is_primary": true},
        {"name": "name", "type": "VARCHAR", "max_length": 20},
        {"name": "embedding", "type": "FLOAT_VECTOR", "dim": 2}]}
        """

    /// For the job's target, which makes the collection.
    static let create = """
        , create: {fields: [{name: id, type: Int64, primaryKey: true}, {name: name, type: VarChar, maxLength: 20},
        {name: embedding, type: FloatVector, dim: 2}], indexes: [{field: embedding, type: FLAT, metric: L2}]}
        """

    static func record(_ id: Int, name: String? = nil) -> String {
        #"{"id":\#(id),"name":"\#(name ?? "name \(id)")","embedding":[\#(id).5,-1]}"#
    }

    static func records(_ ids: Range<Int>) -> [String] { ids.map { record($0) } }

    /// Records with a member of four KiB that a job has to drop: so the checkpoint moves every 250 of them.
    static func padded(_ ids: Range<Int>) -> [String] {
        let padding = String(repeating: "x", count: 4096)
        return ids.map { record($0).dropLast() + #","padding":"\#(padding)"}"# }
    }

    /// For the job's `record`.
    static let dropPadding = "{drop: [padding]}"
}
