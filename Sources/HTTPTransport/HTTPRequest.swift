/// One request to a server.
///
/// Headers may hold a token: no textual form of a request shows more than its method.
public struct HTTPRequest: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// With its scheme, `http` or `https`.
    public var url: String
    public var method: HTTPMethod
    /// Sent as they are. A POST without a `Content-Type` gets the one of a web form.
    public var headers: [(name: String, value: String)]
    /// The time for everything, from looking up the server's address to the last byte of its answer. It is counted in
    /// milliseconds and is at least one.
    public var timeout: Duration

    public init(
        url: String, method: HTTPMethod = .get, headers: [(name: String, value: String)] = [], timeout: Duration
    ) {
        self.url = url
        self.method = method
        self.headers = headers
        self.timeout = timeout
    }

    public var description: String {
        switch method {
        case .get: "GET request"
        case .post(let body): "POST request of \(body.count) bytes"
        }
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
