import BackfillCore

/// An index of `target.milvus.create` with the section that describes it, for checks against the fields.
struct IndexEntry {
    let index: CollectionDefinition.Index
    let section: Section<JobFileKeys.Index>
}

extension Form<IndexEntry> {
    private enum Metric: String, CaseIterable {
        case cosine = "COSINE"
        case innerProduct = "IP"
        case euclidean = "L2"
    }

    /// An item of `target.milvus.create.indexes`
    static var index: Self {
        .section { (index: Section<JobFileKeys.Index>, _) in
            let metric: Metric? = index.value(.metric, .choice)
            let parameters = index.value(.params, .dictionary(of: .text)) ?? [:]
            return IndexEntry(
                index: CollectionDefinition.Index(
                    field: index.require(.field, .text) ?? "",
                    type: index.require(.type, .text) ?? "",
                    metric: metric?.rawValue ?? "",
                    parameters: parameters.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }),
                section: index)
        }
    }
}
