public import BackfillCore

/// Whether a job is the one that its checkpoint was made for.
public struct CheckpointComparison: Sendable, Equatable {
    /// Everything that differs; empty when the job may go on.
    public let differences: [CheckpointDifference]

    /// Compares what was stored with what is there now.
    ///
    /// A file is known by its size and digest: one that was moved is the same. The ids of clusters and collections count
    /// only where both are known; a collection's is unknown where it is 0.
    ///
    /// - Parameter startsRound: the job was complete and begins another round, which is planned anew: the collection may
    ///   have got another schema since.
    public init(
        of stored: CheckpointDocument,
        with job: CheckpointDocument.Job,
        collection: CheckpointDocument.Collection,
        startsRound: Bool = false
    ) {
        var differences = SourceComparison.differences(
            stored: stored.job.source, current: job.source, startsRound: startsRound)
        if stored.job.mapping != job.mapping {
            let (removed, added) = SourceComparison.lines(stored: stored.job.mapping, current: job.mapping)
            differences.append(.mapping(removed: removed, added: added))
        }
        if stored.job.database != job.database {
            differences.append(.database(stored: stored.job.database, current: job.database))
        }
        if stored.job.collection != job.collection {
            differences.append(.collection(stored: stored.job.collection, current: job.collection))
        }
        if stored.job.partition != job.partition {
            differences.append(.partition(stored: stored.job.partition, current: job.partition))
        }
        let isSameTarget = stored.job.database == job.database && stored.job.collection == job.collection
        let ids = (stored.collection.id, collection.id)
        if isSameTarget, ids.0 != ids.1, ids.0 != 0, ids.1 != 0 {
            differences.append(.collectionRecreated(storedID: ids.0, currentID: ids.1))
        }
        if !startsRound, stored.collection.schema != collection.schema {
            let (removed, added) = SourceComparison.lines(stored: stored.collection.schema, current: collection.schema)
            differences.append(.schema(removed: removed, added: added))
        }
        self.differences = differences
    }

    /// Refuses a job that is not the one of the checkpoint.
    ///
    /// - Parameter checkpoint: The path of the checkpoint, for the message.
    /// - Throws: `CheckpointError.otherJob` with all differences.
    public func requireSameJob(checkpoint: String) throws(CheckpointError) {
        guard differences.isEmpty else { throw .otherJob(path: checkpoint, differences) }
    }
}
