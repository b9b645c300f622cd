/// A request as the server read it.
struct ServedRequest: Sendable {
    let method: String
    let path: String
    /// By lower-case name.
    let headers: [String: String]
    let body: [UInt8]
}
