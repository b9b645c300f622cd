import BackfillCore

/// Why a reject file is left alone.
public enum RejectFileDamage: Sendable, Equatable {
    /// The text is not what this program writes: `line` of it (from 1) has no position in its `error` member.
    case foreignLine(Int)
    /// The file does not begin with a whole frame of zstd, as each one that this program writes does.
    case foreignBytes
    /// What stands at `offset`, in bytes from the start of the file, is neither a frame nor the rest of a last append.
    case damaged(offset: Int)
    /// Before the checkpoint's position stand other rejects than the checkpoint counts.
    case otherCount(found: Int, counted: Int)
    /// Another process wrote to the file during the run, or took it away. Sizes in bytes.
    case changed(size: Int?, expected: Int)
    /// There is no memory to decompress the file.
    case unreadable(detail: String)
    /// There is no memory to compress the rejects.
    case uncompressible(detail: String)

    var exitStatus: ExitStatus {
        switch self {
        case .foreignLine, .foreignBytes, .damaged, .otherCount: .foreignCheckpoint
        case .changed, .unreadable, .uncompressible: .failed
        }
    }
}

extension RejectFileDamage: CustomStringConvertible {
    public var description: String {
        let leave = "move it away, or set record.onReject.path to another path"
        switch self {
        case .foreignLine(let line):
            return "was mended by hand or written by something else: line \(line) has no `error` member with a "
                + "position; \(leave)"
        case .foreignBytes:
            return "was mended by hand or written by something else: it begins with no whole zstd frame; \(leave)"
        case .damaged(let offset):
            return "is damaged at byte \(offset), where no crash of this program can have done it; restore it, or "
                + "move it away and start over with --restart"
        case .otherCount(let found, let counted):
            return "holds another number of rejects of the finished part of the job than the checkpoint counts "
                + "(\(found), not \(counted)); restore it, or start over with --restart"
        case .changed(let size?, let expected):
            return "was changed by something else during the run: it has \(size) bytes instead of \(expected); see "
                + "that no other job writes to it and run the same command again"
        case .changed(nil, _):
            return "was taken away during the run; restore it and run the same command again"
        case .uncompressible(let detail):
            return "cannot be written: \(detail); free some memory and run the same command again"
        case .unreadable(let detail):
            return "cannot be read: \(detail); free some memory and run the same command again"
        }
    }
}
