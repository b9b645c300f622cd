public import Checkpoints

/// Why metrics did not get where they should. The texts never hold the Pushgateway's address, which may be a secret.
public enum MetricsError: Error, Sendable, CustomStringConvertible {
    /// Something else stands at the path of `run.metrics.file`.
    case foreignFile(path: String)
    case file(CheckpointError)
    case push(reason: String)

    public var description: String {
        switch self {
        case .foreignFile(let path):
            "\(path) is not a metrics file of this job and is left as it is: give `run.metrics.file` another path, or "
                + "remove the file"
        case .file(let error): "\(error)"
        case .push(let reason): "the Pushgateway of `run.metrics.pushgateway` did not take the metrics: \(reason)"
        }
    }
}
