public import BackfillCore

/// Why a job's files cannot be used.
public enum CheckpointError: UserFacingError, Equatable {
    /// A system call failed.
    case system(FileOperation, path: String, SystemError)
    /// Another run holds the job; `holder` says which one, where it could be read.
    case locked(checkpoint: String, holder: String?)
    case damaged(path: String, SealedFileDamage)
    /// The checkpoint has a version that this program does not know.
    case unknownVersion(path: String, version: Int)
    /// The checkpoint was made for something else.
    case otherJob(path: String, [CheckpointDifference])
    /// The document cannot be written as JSON.
    case unwritable(path: String, detail: String)
    case rejectFile(path: String, RejectFileDamage)

    public var exitStatus: ExitStatus {
        switch self {
        case .system, .unwritable: .failed
        case .locked: .locked
        case .damaged, .unknownVersion, .otherJob: .foreignCheckpoint
        case .rejectFile(_, let damage): damage.exitStatus
        }
    }
}

extension CheckpointError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .system(let operation, let path, let error):
            return "cannot \(operation.rawValue) \(path): \(error); \(error.advice)"
        case .locked(let checkpoint, let holder):
            let run = holder.map { "another run (\($0))" } ?? "another run"
            return "\(run) holds the job with the checkpoint \(checkpoint); wait for its end or stop it"
        case .damaged(let path, let damage):
            return "the checkpoint \(path) is damaged: \(damage.description(of: "checkpoint")); restore the file or "
                + "start over with --restart"
        case .unknownVersion(let path, let version):
            return "the checkpoint \(path) has version \(version) and this program knows version "
                + "\(CheckpointDocument.currentVersion); use the release that wrote it or start over with --restart"
        case .otherJob(let path, let differences):
            return "the checkpoint \(path) belongs to another job: "
                + differences.map(\.description).joined(separator: "; ")
                + "; undo the change, start over with --restart, or set run.checkpoint to another path"
        case .unwritable(let path, let detail):
            return "cannot write \(path): \(detail); please report this as a bug"
        case .rejectFile(let path, let damage):
            return "the reject file \(path) \(damage)"
        }
    }
}
