/// What a request asks the server to do.
public enum HTTPMethod: Sendable {
    case get
    /// A POST with its body, which is sent as it is and is not copied.
    case post(body: [UInt8])
}
