package import BackfillCore

/// In what a source is not the one that it was when it was stored.
package enum SourceComparison {
    /// A file is known by its size and digest: one that was moved is the same. The ids of clusters count only where
    /// both are known. The order of ranges says nothing.
    ///
    /// - Parameter startsRound: what was stored is complete, and a catch-up begins where it ended. It may have been of
    ///   other ranges if it was no catch-up itself.
    package static func differences(
        stored: CheckpointDocument.Source,
        current: CheckpointDocument.Source,
        startsRound: Bool = false
    ) -> [CheckpointDifference] {
        switch (stored, current) {
        case (.dump(let storedFiles, let storedEnvelope, let storedOrder), .dump(let files, let envelope, let order)):
            var differences = Self.files(stored: storedFiles, current: files)
            if storedEnvelope != envelope {
                differences.append(.envelope(stored: storedEnvelope, current: envelope))
            }
            if storedOrder != order { differences.append(.order(stored: storedOrder, current: order)) }
            return differences
        case (.kafka(let storedCluster, let storedRanges), .kafka(let cluster, let ranges)):
            var differences: [CheckpointDifference] = []
            if let storedCluster, let cluster, storedCluster != cluster {
                differences.append(.cluster(stored: storedCluster, current: cluster))
            }
            if startsRound, !stored.isCatchUp { return differences }
            let (removed, added) = lines(stored: storedRanges, current: ranges)
            if !removed.isEmpty || !added.isEmpty { differences.append(.ranges(removed: removed, added: added)) }
            return differences
        case (.dump, .kafka):
            return [.sourceKind(stored: .dump, current: .kafka)]
        case (.kafka, .dump):
            return [.sourceKind(stored: .kafka, current: .dump)]
        }
    }

    /// The lines that only one of the two has.
    static func lines(stored: [String], current: [String]) -> (removed: [String], added: [String]) {
        let (old, new) = (Set(stored), Set(current))
        return (stored.filter { !new.contains($0) }, current.filter { !old.contains($0) })
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
}
