public import BackfillCore

/// Why the record of an alias' last switch cannot be used.
public enum SwitchFileError: UserFacingError, Equatable {
    /// The file cannot be read or written.
    case file(CheckpointError)
    case damaged(path: String, SealedFileDamage)
    /// The record has a version that this program does not know.
    case unknownVersion(path: String, version: Int)

    init(path: String, _ error: SealedFileError) {
        switch error {
        case .file(let error): self = .file(error)
        case .damaged(let damage): self = .damaged(path: path, damage)
        case .unknownVersion(let version): self = .unknownVersion(path: path, version: version)
        case .unwritable(let detail): self = .file(.unwritable(path: path, detail: detail))
        }
    }

    public var description: String {
        let advice = "or move the alias back by other means"
        return switch self {
        case .file(let error): error.description
        case .damaged(let path, let damage):
            "the record of the last switch \(path) is damaged: \(damage.description(of: "record")); restore the file, "
                + advice
        case .unknownVersion(let path, let version):
            "the record of the last switch \(path) has version \(version) and this program knows version "
                + "\(SwitchRecord.currentVersion); use the release that wrote it, \(advice)"
        }
    }

    public var exitStatus: ExitStatus {
        switch self {
        case .file(let error): error.exitStatus
        case .damaged, .unknownVersion: .foreignCheckpoint
        }
    }
}
