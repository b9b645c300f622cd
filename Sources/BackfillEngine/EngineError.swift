public import BackfillCore

/// Why a run stopped before its end, where the reason is the run's own.
public enum EngineError: UserFacingError, Equatable {
    /// A record cannot be written and the job says to stop there.
    case rejected(place: String, reason: String, isDump: Bool)
    /// More records were rejected than the job allows.
    case tooManyRejects(maximum: Int, path: String, place: String, reason: String)
    /// The server refuses a record and the job says to stop there.
    case refused(place: String, reason: String)
    /// The server refuses a record that the source does not have any more.
    case refusedRecordGone(place: String, reason: String)
    /// The collection or partition is gone while the job writes to it.
    case targetGone(String, words: String)
    /// The collection is another one, or has another schema, than when the run began.
    case targetChanged(String, differences: [String])
    /// The collection that the job has written to is not there any more.
    case collectionGone(String)
    /// The partition that the job has written to is not there any more.
    case partitionGone(String, collection: String)
    /// Rows cannot be read back.
    case notLoaded(String)
    /// Records whose rows differ are not in the source any more.
    case differingRecordsGone(count: Int)

    public var description: String {
        switch self {
        case .rejected(let place, let reason, let isDump):
            "\(place): the record cannot be written: \(reason); everything before its chunk is loaded: set "
                + "record.onReject to keep such records in a file and run the job again"
                + (isDump ? ", or mend the dump and begin anew with --restart" : "")
        case .tooManyRejects(let maximum, let path, let place, let reason):
            "\(place): more than \(maximum) records are rejected (record.onReject.max), the last because \(reason); "
                + "look into \(path), and run the job again"
        case .refused(let place, let reason):
            "\(place): the record cannot be written: \(reason); everything that was acknowledged stays loaded: set "
                + "record.onReject to keep such records in a file, or mend the record, and run the job again"
        case .refusedRecordGone(let place, let reason):
            "\(place): the server refuses the record (\(reason)), and the source does not have it any more, so it cannot be "
                + "kept as a reject: run the job again"
        case .targetGone(let collection, let words):
            "collection `\(collection)`, or the partition of it that the job writes to, is gone: \(words): restore it, or "
                + "begin anew with --restart"
        case .targetChanged(let collection, let differences):
            "collection `\(collection)` was changed while the job wrote to it: \(differences.joined(separator: "; ")); "
                + "what was written before may be missing: begin anew with --restart"
        case .collectionGone(let collection):
            "collection `\(collection)`, which the job has written to, does not exist any more: restore it, or begin anew "
                + "with --restart"
        case .partitionGone(let partition, let collection):
            "partition `\(partition)` of collection `\(collection)`, which the job has written to, does not exist any more: "
                + "restore it, or begin anew with --restart"
        case .notLoaded(let collection):
            "collection `\(collection)` is not loaded, and only the rows of a loaded one can be read back: load it, and run "
                + "the same command again"
        case .differingRecordsGone(let count):
            "\(count) of the records whose rows differ are not in the source any more, so that no file can mend them: run the "
                + "same command again to compare what the source has now"
        }
    }

    public var exitStatus: ExitStatus {
        switch self {
        case .targetGone, .targetChanged, .collectionGone, .partitionGone: .foreignCheckpoint
        case .rejected, .tooManyRejects, .refused, .refusedRecordGone, .notLoaded, .differingRecordsGone: .failed
        }
    }
}
