public import BackfillCore

/// Why a job file cannot be used.
public enum JobFileError: UserFacingError {
    /// The file's text could not be read; `reason` says what to do.
    case unreadable(path: String, reason: String)
    /// Everything that is wrong with the text and the flags, in the order of the file.
    case invalid([Diagnostic])

    public var exitStatus: ExitStatus { .badJobFile }

    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "cannot read the job file `\(path)`: \(reason)"
        case .invalid(let diagnostics):
            diagnostics.map(\.description).joined(separator: "\n")
        }
    }
}
