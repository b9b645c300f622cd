import BackfillCore
import Synchronization

/// Lets as many requests through at a time as a `ConcurrencyWindow` allows, in the order in which they asked.
package final class RequestGate: Sendable {
    private struct Waiter {
        var number: Int
        /// Resumed with whether the request may go.
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var window: ConcurrencyWindow
        var inFlight = 0
        var waiters: [Waiter] = []
        var nextNumber = 0
        /// Cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    package init(maximum: Int) {
        state = Mutex(State(window: ConcurrencyWindow(maximum: maximum)))
    }

    /// Requests that may be in flight now.
    package var size: Int { state.withLock(\.window.size) }

    /// Waits for a request's turn.
    ///
    /// - Throws: `CancellationError`; the request must then not be made.
    func enter() async throws(CancellationError) {
        let number = state.withLock { state in
            defer { state.nextNumber += 1 }
            return state.nextNumber
        }
        let isLetIn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    if state.cancelled.remove(number) != nil { return false }
                    state.waiters.append(Waiter(number: number, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
                letIn()
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.number == number }) else {
                    state.cancelled.insert(number)
                    return nil
                }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(returning: false)
        }
        // One that was cancelled after it had been let in goes on, and its call ends by the cancellation.
        state.withLock { _ = $0.cancelled.remove(number) }
        guard isLetIn else { throw CancellationError() }
    }

    /// A request has ended.
    ///
    /// - Parameter learn: tells the window what the request has shown.
    func leave(_ learn: (inout ConcurrencyWindow) -> Void) {
        state.withLock { state in
            state.inFlight -= 1
            learn(&state.window)
        }
        letIn()
    }

    private func letIn() {
        while true {
            let next = state.withLock { state -> Waiter? in
                guard !state.waiters.isEmpty, state.inFlight < state.window.size else { return nil }
                state.inFlight += 1
                return state.waiters.removeFirst()
            }
            guard let next else { return }
            next.continuation.resume(returning: true)
        }
    }
}
