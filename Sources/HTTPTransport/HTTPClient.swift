/// Makes many requests at once over HTTP/1.1 connections that are kept for the next ones.
///
/// A proxy is used where the environment names one (`http_proxy`, `https_proxy`, `no_proxy`, as libcurl reads them).
/// Redirects are not followed, and answers are not asked for in a compressed form.
///
/// A request may reach the server twice: when a kept connection closes before the first byte of the answer, the request
/// is sent again over a new one, if need be several times.
public final class HTTPClient: Sendable {
    private let inbox: TransferInbox

    private init(_ inbox: TransferInbox) {
        self.inbox = inbox
    }

    /// Makes a client for the time of `body`. After that its requests have ended, its connections are closed and its
    /// thread is gone.
    ///
    /// - Parameters:
    ///   - security: For `https`; nil to trust the system's authorities and to show no certificate.
    ///   - maximumResponseBytes: The largest body of an answer that is taken.
    /// - Throws: What `body` throws, or `HTTPError.failed` when the system gives no thread.
    public static func withClient<Value>(
        security: HTTPSecurity?, maximumResponseBytes: Int, _ body: (HTTPClient) async throws -> Value
    ) async throws -> Value {
        let inbox = TransferInbox()
        let thread = try WorkerThread {
            TransferLoop.run(inbox, security, responseLimit: maximumResponseBytes)
            inbox.noteThreadDone()
        }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(HTTPClient(inbox)))
        } catch {
            result = .failure(error)
        }
        await inbox.end()
        // The thread has nothing left to do but to return.
        thread.join()
        return try result.get()
    }

    /// Sends a request and returns the answer, whatever its status.
    ///
    /// Ends at once when the task is cancelled.
    ///
    /// - Throws: Any `HTTPError`.
    public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let id = inbox.makeID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                inbox.submit(Submission(id: id, request: request, continuation: continuation))
            }
        } onCancel: {
            inbox.cancel(id)
        }
        return try result.get()
    }
}
