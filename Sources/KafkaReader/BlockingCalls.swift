import Dispatch

/// Makes calls that block their thread, one after the other, away from the threads that run Swift's tasks.
struct BlockingCalls: Sendable {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func run<Result: Sendable>(_ call: @escaping @Sendable () throws(KafkaError) -> Result) async throws(KafkaError)
        -> Result
    {
        let result = await withCheckedContinuation { continuation in
            queue.async {
                do throws(KafkaError) {
                    continuation.resume(returning: Swift.Result<Result, KafkaError>.success(try call()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    /// Starts a call that nobody waits for.
    func runLater(_ call: @escaping @Sendable () -> Void) {
        queue.async(execute: call)
    }
}
