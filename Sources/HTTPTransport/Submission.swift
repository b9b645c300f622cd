/// A request on its way from the task that waits for it to the thread that moves it.
struct Submission: Sendable {
    let id: UInt
    let request: HTTPRequest
    /// Resumed once, by whoever holds the submission at its end.
    let continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>
}
