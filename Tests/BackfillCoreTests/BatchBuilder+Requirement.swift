import BackfillCore
import Testing

extension BatchBuilder {
    /// The batch that has been collected, which a test counts on.
    mutating func requireBatch(location: SourceLocation = #_sourceLocation) throws -> RowBatch {
        let batch = take()
        return try #require(batch, sourceLocation: location)
    }
}
