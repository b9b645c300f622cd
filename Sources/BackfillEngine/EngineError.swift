public import BackfillCore

/// Why a run stopped before its end, where the reason is the run's own.
public enum EngineError: UserFacingError, Equatable {
    /// A record cannot be written and the job says to stop there.
    case rejected(file: String, line: Int, reason: String)
    /// More records were rejected than the job allows.
    case tooManyRejects(maximum: Int, path: String, file: String, line: Int, reason: String)
    /// The collection that the job has written to is not there any more.
    case collectionGone(String)
    /// A record of the source has members that the collection has no field for.
    case unknownMembers([String], file: String, collection: String)

    public var description: String {
        switch self {
        case .rejected(let file, let line, let reason):
            "\(file):\(line): the record cannot be written: \(reason); everything before its chunk is loaded: set "
                + "record.onReject to keep such records in a file and run the job again, or mend the dump and begin anew with "
                + "--restart"
        case .tooManyRejects(let maximum, let path, let file, let line, let reason):
            "\(file):\(line): more than \(maximum) records are rejected (record.onReject.max), the last because \(reason); "
                + "look into \(path), and run the job again"
        case .collectionGone(let collection):
            "collection `\(collection)`, which the job has written to, does not exist any more: restore it, or begin anew "
                + "with --restart"
        case .unknownMembers(let names, let file, let collection):
            "\(file): the records have members that collection `\(collection)` has no field for: "
                + "`\(names.joined(separator: "`, `"))`: map them in record.fields or leave them out in record.drop"
        }
    }

    public var exitStatus: ExitStatus {
        switch self {
        case .collectionGone: .foreignCheckpoint
        case .rejected, .tooManyRejects, .unknownMembers: .failed
        }
    }
}
