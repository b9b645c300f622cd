/// How far a server is with an index, over the rows that it has written to its storage.
public struct IndexState: Sendable, Equatable {
    public var field: String
    /// Rows in the segments of the collection. A row that was replaced counts until its segment is compacted.
    public var totalRows: Int
    /// Rows that are indexed, those of segments that were compacted meanwhile among them.
    public var indexedRows: Int
    /// Rows that wait for the index.
    public var pendingRows: Int
    /// Why the server has given the index up, in its words; nil where it has not.
    public var failure: String?

    public init(field: String, totalRows: Int, indexedRows: Int, pendingRows: Int, failure: String? = nil) {
        self.field = field
        self.totalRows = totalRows
        self.indexedRows = indexedRows
        self.pendingRows = pendingRows
        self.failure = failure
    }

    /// Whether the index covers everything that the server has written to its storage.
    ///
    /// Nothing else tells it: Milvus 2.3.5 calls an index finished as long as no row waits that was there when the index
    /// was made, and counts the indexed rows of compacted segments for a while.
    public var isComplete: Bool { failure == nil && pendingRows == 0 }
}
