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
        case hamming = "HAMMING"
        case jaccard = "JACCARD"
        case bm25 = "BM25"
    }

    /// An item of `target.milvus.create.indexes`
    static var index: Self {
        .section { (index: Section<JobFileKeys.Index>, _) in
            let metric: Metric? = index.value(.metric, .choice)
            return IndexEntry(
                index: CollectionDefinition.Index(
                    field: index.require(.field, .text) ?? "",
                    type: index.require(.type, .text) ?? "",
                    metric: metric?.rawValue ?? "",
                    parameters: index.value(.params, .parameters) ?? []),
                section: index)
        }
    }
}
