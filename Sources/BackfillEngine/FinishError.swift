public import BackfillCore

/// Why a job is not finished, or its alias not moved back.
public enum FinishError: UserFacingError, Equatable {
    /// The job has never run, or its checkpoint lies elsewhere.
    case notBegun(checkpoint: String)
    /// The job has not come to its end.
    case notDone(checkpoint: String)
    /// What the job calls its collection is an alias.
    case collectionIsAlias(String, of: String)
    /// What the job calls its alias is a collection.
    case aliasIsCollection(String)
    /// The server has given up an index.
    case indexFailed(field: String, words: String)
    /// The collection cannot be loaded as it is.
    case notLoadable(String, words: String)
    /// What is waited for has not come any nearer for so long.
    case stalled(String, Duration)
    /// The job names no alias that could be moved back.
    case noAlias
    /// The job has moved no alias.
    case noSwitch(path: String)
    /// The job has moved another alias, or to another collection, than it names now.
    case otherSwitch(path: String, alias: String, collection: String)
    /// Before the switch there was no such alias.
    case aliasWasNew(String)
    /// The alias does not stand any more for what the job has moved it to.
    case aliasMoved(String, to: String?, from: String)
    /// What the alias stood for before does not exist any more.
    case previousGone(String)
    /// What the alias stood for before was dropped and made again.
    case previousRemade(String)

    public var description: String {
        switch self {
        case .notBegun(let checkpoint):
            "the job has not run yet (there is no \(checkpoint)): run it to its end, and finish it then"
        case .notDone(let checkpoint):
            "the job is not complete (\(checkpoint)): run it to its end, and finish it then"
        case .collectionIsAlias(let name, let collection):
            "`\(name)` is an alias of collection `\(collection)`: name the collection itself in target.milvus.collection"
        case .aliasIsCollection(let name):
            "`\(name)` is the name of a collection, so it can be no alias: choose another one in target.milvus.alias"
        case .indexFailed(let field, let words):
            "the server has given up the index of field `\(field)`: \(words): drop it and make it again, and finish the job "
                + "then"
        case .notLoadable(let collection, let words):
            "collection `\(collection)` cannot be loaded: \(words): mend that, and finish the job then"
        case .stalled(let what, let time):
            "\(what) has not come any nearer for \(time) (run.unavailableTimeout): see to the server, and run the same "
                + "command again"
        case .noAlias:
            "the job has no alias that could be moved back: name it in target.milvus.alias"
        case .noSwitch(let path):
            "the job has moved no alias yet (there is no \(path)), so there is nothing to move back"
        case .otherSwitch(let path, let alias, let collection):
            "the last switch of the job was that of alias `\(alias)` to collection `\(collection)` (\(path)), which is not "
                + "what the job file names now: undo the change, or move the alias by other means"
        case .aliasWasNew(let alias):
            "alias `\(alias)` was new when the job was finished, so there is nothing that it could be moved back to: drop it by "
                + "other means if it is not wanted"
        case .aliasMoved(let alias, let collection?, let switched):
            "alias `\(alias)` stands for `\(collection)` now and not any more for `\(switched)`, to which the job has moved it: "
                + "somebody else has moved it since, so it stays where it is"
        case .aliasMoved(let alias, nil, let switched):
            "alias `\(alias)`, which the job has moved to `\(switched)`, does not exist any more: make it anew by other means"
        case .previousGone(let collection):
            "collection `\(collection)`, for which the alias stood before, does not exist any more: the alias stays where it is"
        case .previousRemade(let collection):
            "collection `\(collection)`, for which the alias stood before, was dropped and made again since: the alias stays "
                + "where it is"
        }
    }

    public var exitStatus: ExitStatus {
        switch self {
        case .stalled: .temporarilyUnavailable
        case .notBegun, .notDone, .collectionIsAlias, .aliasIsCollection, .indexFailed, .notLoadable, .noAlias,
            .noSwitch,
            .otherSwitch, .aliasWasNew, .aliasMoved, .previousGone, .previousRemade:
            .failed
        }
    }
}
