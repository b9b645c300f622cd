/// What a server answered, whatever its status.
public struct HTTPResponse: Sendable {
    /// The status code, such as 200.
    public let status: Int
    public let body: [UInt8]
}
