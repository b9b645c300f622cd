public import BackfillCore

/// Whether a job is the one that its checkpoint was made for.
public struct CheckpointComparison: Sendable, Equatable {
    /// Everything that differs; empty when the job may go on.
    public let differences: [CheckpointDifference]

    /// Compares what was stored with what is there now.
    ///
    /// A file is known by its size and digest: one that was moved is the same. The ids of collections count only where
    /// both are known, which is where neither is 0.
    public init(
        of stored: CheckpointDocument,
        with job: CheckpointDocument.Job,
        collection: CheckpointDocument.Collection
    ) {
        var differences = Self.files(stored: stored.job.files, current: job.files)
        if stored.job.envelope != job.envelope {
            differences.append(.envelope(stored: stored.job.envelope, current: job.envelope))
        }
        if stored.job.order != job.order {
            differences.append(.order(stored: stored.job.order, current: job.order))
        }
        if stored.job.mapping != job.mapping {
            let (removed, added) = Self.lines(stored: stored.job.mapping, current: job.mapping)
            differences.append(.mapping(removed: removed, added: added))
        }
        if stored.job.database != job.database {
            differences.append(.database(stored: stored.job.database, current: job.database))
        }
        if stored.job.collection != job.collection {
            differences.append(.collection(stored: stored.job.collection, current: job.collection))
        }
        let isSameTarget = stored.job.database == job.database && stored.job.collection == job.collection
        let ids = (stored.collection.id, collection.id)
        if isSameTarget, ids.0 != ids.1, ids.0 != 0, ids.1 != 0 {
            differences.append(.collectionRecreated(storedID: ids.0, currentID: ids.1))
        }
        if stored.collection.schema != collection.schema {
            let (removed, added) = Self.lines(stored: stored.collection.schema, current: collection.schema)
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

    private struct Content: Hashable {
        var size: Int
        var digest: String

        init(_ file: CheckpointDocument.SourceFile) {
            self.size = file.size
            self.digest = file.digest
        }
    }

    private static func files(
        stored: [CheckpointDocument.SourceFile],
        current: [CheckpointDocument.SourceFile]
    ) -> [CheckpointDifference] {
        var missing = subtract(current, from: stored)
        var added = subtract(stored, from: current)
        if missing.isEmpty && added.isEmpty {
            let moved = zip(stored, current).first { Content($0) != Content($1) }
            return moved.map { [.filesReordered(path: $0.1.path)] } ?? []
        }
        var differences: [CheckpointDifference] = []
        let addedByPath = Dictionary(added.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        for old in missing {
            guard let new = addedByPath[old.path] else { continue }
            differences.append(.fileChanged(path: old.path, storedSize: old.size, size: new.size))
        }
        let missingPaths = Set(missing.map(\.path))
        missing.removeAll { addedByPath[$0.path] != nil }
        added.removeAll { missingPaths.contains($0.path) }
        if !missing.isEmpty { differences.append(.filesMissing(missing.map(\.path))) }
        if !added.isEmpty { differences.append(.filesAdded(added.map(\.path))) }
        return differences
    }

    /// The files whose content the others lack; content that is there twice counts twice.
    private static func subtract(
        _ others: [CheckpointDocument.SourceFile],
        from files: [CheckpointDocument.SourceFile]
    ) -> [CheckpointDocument.SourceFile] {
        var counts = others.reduce(into: [Content: Int]()) { $0[Content($1), default: 0] += 1 }
        return files.filter { file in
            guard let count = counts[Content(file)], count > 0 else { return true }
            counts[Content(file)] = count - 1
            return false
        }
    }

    private static func lines(stored: [String], current: [String]) -> (removed: [String], added: [String]) {
        let (old, new) = (Set(stored), Set(current))
        return (stored.filter { !new.contains($0) }, current.filter { !old.contains($0) })
    }
}
