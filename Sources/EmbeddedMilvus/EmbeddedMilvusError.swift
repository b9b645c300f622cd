public import BackfillCore

/// Why the embedded Milvus Lite is not there.
public enum EmbeddedMilvusError: Error, Sendable, Equatable {
    case notInstalled
    case cannotCreateFolder(path: String, reason: String)
    case noFreePort(reason: String)
    case cannotStart(reason: String)
    /// It ended before it answered, with the last lines it wrote.
    case ended(path: String, output: String)
    case tooSlow(seconds: Int, path: String)
}

extension EmbeddedMilvusError: UserFacingError {
    public var description: String {
        switch self {
        case .notInstalled:
            "the job's uri is a path, for which this program starts a Milvus Lite, and `milvus-lite` is not on PATH: "
                + "install it with `python3 -m pip install milvus-lite==3.2.2 pymilvus==3.0.2` (Python 3.10 or newer), "
                + "or give the uri of a running server"
        case .cannotCreateFolder(let path, let reason):
            "the folder \(path) for Milvus Lite's data cannot be created: \(reason)"
        case .noFreePort(let reason):
            "no free port was found for Milvus Lite: \(reason)"
        case .cannotStart(let reason):
            "milvus-lite cannot be started: \(reason)"
        case .ended(let path, let output):
            "milvus-lite ended before it answered (its data is in \(path)); the last it said: \(output)"
        case .tooSlow(let seconds, let path):
            "milvus-lite did not answer within \(seconds) seconds (its data is in \(path)); run the job again"
        }
    }

    public var exitStatus: ExitStatus {
        switch self {
        case .tooSlow: .temporarilyUnavailable
        default: .failed
        }
    }
}
