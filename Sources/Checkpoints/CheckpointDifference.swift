public import BackfillCore

/// One thing in which a job is not the one that its checkpoint was made for.
public enum CheckpointDifference: Sendable, Equatable {
    /// What a source consists of.
    public enum SourceKind: String, Sendable {
        case dump = "dump files"
        case kafka = "Kafka topics"
    }

    case sourceKind(stored: SourceKind, current: SourceKind)
    /// The file at the path has other content than it had. Sizes in bytes.
    case fileChanged(path: String, storedSize: Int, size: Int)
    /// Files that the source held and holds no more, by their stored paths.
    case filesMissing([String])
    /// Files that the source did not hold.
    case filesAdded([String])
    /// The same files in another order; `path` is the first one in another place.
    case filesReordered(path: String)
    case envelope(stored: DumpSource.Envelope, current: DumpSource.Envelope)
    case order(stored: DumpSource.Order, current: DumpSource.Order)
    /// The Kafka cluster is another one, by its id.
    case cluster(stored: String, current: String)
    /// The ranges of offsets that only one of the two has, as the person wrote them.
    case ranges(removed: [String], added: [String])
    /// The lines of the mapping that only one of the two has.
    case mapping(removed: [String], added: [String])
    case database(stored: String, current: String)
    case collection(stored: String, current: String)
    /// nil: no partition is named.
    case partition(stored: String?, current: String?)
    /// The collection of the same name is another one: dropped and created again.
    case collectionRecreated(storedID: Int64, currentID: Int64)
    /// The lines of the schema that only one of the two has.
    case schema(removed: [String], added: [String])
}

extension CheckpointDifference: CustomStringConvertible {
    public var description: String {
        switch self {
        case .sourceKind(let stored, let current):
            "the source is \(current.rawValue) instead of \(stored.rawValue)"
        case .fileChanged(let path, let storedSize, let size) where storedSize == size:
            "the file \(path) has other content of the same size"
        case .fileChanged(let path, let storedSize, let size):
            "the file \(path) has \(size) bytes instead of \(storedSize)"
        case .filesMissing(let paths):
            "the source no longer holds \(Self.list(paths))"
        case .filesAdded(let paths):
            "the source now also holds \(Self.list(paths))"
        case .filesReordered(let path):
            "the files of the source have another order from \(path) on"
        case .envelope(let stored, let current):
            "the envelope of the lines is \(current.rawValue) instead of \(stored.rawValue)"
        case .order(let stored, let current):
            "the order of the files is \(current.rawValue) instead of \(stored.rawValue)"
        case .cluster(let stored, let current):
            "the cluster is \(current) instead of \(stored): offsets of one mean nothing in the other"
        case .ranges(let removed, let added):
            "the ranges changed\(Self.change(removed: removed, added: added))"
        case .mapping(let removed, let added):
            "the record mapping changed\(Self.change(removed: removed, added: added))"
        case .database(let stored, let current):
            "the database is \"\(current)\" instead of \"\(stored)\""
        case .collection(let stored, let current):
            "the collection is \"\(current)\" instead of \"\(stored)\""
        case .partition(let stored, let current):
            "the partition is \(current.map { "\"\($0)\"" } ?? "the server's choice") instead of "
                + (stored.map { "\"\($0)\"" } ?? "the server's choice")
        case .collectionRecreated(let storedID, let currentID):
            "the collection was dropped and created again (its id is \(currentID) instead of \(storedID)), so the "
                + "rows written so far are gone"
        case .schema(let removed, let added):
            "the schema of the collection changed\(Self.change(removed: removed, added: added))"
        }
    }

    private static func change(removed: [String], added: [String]) -> String {
        let parts =
            (removed.isEmpty ? [] : ["without " + list(removed)]) + (added.isEmpty ? [] : ["with " + list(added)])
        // Equal lines in another order.
        if parts.isEmpty { return " its order" }
        return ", now " + parts.joined(separator: " and ")
    }

    /// At most as many as a person reads.
    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
        return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }
}
