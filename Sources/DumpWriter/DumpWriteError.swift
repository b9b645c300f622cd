public import BackfillCore
public import Checkpoints

/// Why a dump cannot be written, or not to its end.
public enum DumpWriteError: UserFacingError, Equatable {
    /// A file cannot be read or written.
    case file(CheckpointError)
    /// Another run writes the dump; `holder` says which one, where it could be read.
    case locked(folder: String, holder: String?)
    case damagedManifest(path: String, SealedFileDamage)
    /// The manifest has a version that this program does not know.
    case unknownVersion(path: String, version: Int)
    /// The manifest cannot be written as JSON.
    case unwritable(path: String, detail: String)
    /// The folder holds the dump of something else.
    case otherJob(folder: String, [CheckpointDifference])
    /// A file that this dump did not write has the name of one that it has to write.
    case foreignFile(path: String)
    /// A file of the dump is missing, or is not as long as the manifest says. Sizes in bytes.
    case changedFile(path: String, size: Int?, expected: Int)
    /// There is no memory to compress with; `words` are libzstd's.
    case outOfMemory(path: String, words: String)

    public var exitStatus: ExitStatus {
        switch self {
        case .file(let error): error.exitStatus
        case .locked: .locked
        case .damagedManifest, .unknownVersion, .otherJob, .foreignFile, .changedFile: .foreignCheckpoint
        case .unwritable, .outOfMemory: .failed
        }
    }

    init(_ error: SealedFileError, manifest path: String) {
        switch error {
        case .file(let error): self = .file(error)
        case .damaged(let damage): self = .damagedManifest(path: path, damage)
        case .unknownVersion(let version): self = .unknownVersion(path: path, version: version)
        case .unwritable(let detail): self = .unwritable(path: path, detail: detail)
        }
    }
}

extension DumpWriteError: CustomStringConvertible {
    public var description: String {
        let elsewhere = "dump into another folder"
        switch self {
        case .file(let error):
            return error.description
        case .locked(let folder, let holder):
            let run = holder.map { "another run (\($0))" } ?? "another run"
            return "\(run) writes the dump \(folder); wait for its end or stop it"
        case .damagedManifest(let path, let damage):
            return "the manifest \(path) is damaged: \(damage.description(of: "manifest")); restore the file or "
                + elsewhere
        case .unknownVersion(let path, let version):
            return "the manifest \(path) has version \(version) and this program knows version "
                + "\(DumpManifest.currentVersion); use the release that wrote it or \(elsewhere)"
        case .unwritable(let path, let detail):
            return "cannot write \(path): \(detail); please report this as a bug"
        case .otherJob(let folder, let differences):
            return "\(folder) holds the dump of another job: "
                + differences.map(\.description).joined(separator: "; ") + "; undo the change or \(elsewhere)"
        case .foreignFile(let path):
            return "\(path) was not written by this dump and stands in its way; move it away or \(elsewhere)"
        case .changedFile(let path, let size?, let expected):
            return "\(path) has \(size) bytes where the dump's manifest counts \(expected); restore the file or "
                + elsewhere
        case .changedFile(let path, nil, _):
            return "\(path) is missing, which the dump's manifest counts; restore the file or \(elsewhere)"
        case .outOfMemory(let path, let words):
            return "cannot compress the messages for \(path): \(words); free some memory and run the same command again"
        }
    }
}
