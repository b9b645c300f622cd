/// Why there is no answer to a request. The texts are libcurl's words and never hold a header's value or a body.
public enum HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The server was not found, took no connection, or the connection was lost before the answer was complete. The
    /// server may have done what was asked.
    case unreachable(String)
    /// The connection or the answer took too long. The server may have done what was asked.
    case timedOut(String)
    /// The server's certificate is not trusted, the server does not trust the client's, a PEM file cannot be used, or
    /// the server does not speak TLS.
    case insecure(String)
    /// The answer is larger than the client takes.
    case responseTooLarge(limit: Int)
    /// The task that waited was cancelled, or the client has ended.
    case cancelled
    /// Everything else, such as a URL that cannot be read or an answer that is not HTTP.
    case failed(String)

    public var description: String {
        switch self {
        case .unreachable(let words): "the server cannot be reached, or the connection was lost: \(words)"
        case .timedOut(let words): "the server did not answer in time: \(words)"
        case .insecure(let words): "no trusted connection can be made: \(words)"
        case .responseTooLarge(let limit): "the server's answer is larger than \(limit) bytes"
        case .cancelled: "the request was cancelled"
        case .failed(let words): "the request failed: \(words)"
        }
    }
}
