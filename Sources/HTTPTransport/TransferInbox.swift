import Synchronization

/// Where tasks leave what the thread of a client is to do.
final class TransferInbox: Sendable {
    struct Work: Sendable {
        var submissions: [Submission] = []
        /// Numbers of requests that nobody waits for any more.
        var cancellations: [UInt] = []
        /// What ends all requests and the thread.
        var closing: HTTPError?

        var isEmpty: Bool { submissions.isEmpty && cancellations.isEmpty }
    }

    private struct State {
        var work = Work()
        /// Zero is no number: libcurl could not tell it from nothing.
        var nextID: UInt = 1
        /// There from the time the thread has a handle to wait on until it gives that up.
        var waker: MultiWaker?
        var isThreadDone = false
        var waiter: CheckedContinuation<Void, Never>?

        func wake() { waker?.wake() }
    }

    private let state = Mutex(State())

    // MARK: For tasks

    func makeID() -> UInt {
        state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
    }

    /// Called by the task that waits, so that none is left behind that was cancelled before.
    func submit(_ submission: Submission) {
        let refusal = state.withLock { state -> HTTPError? in
            if let closing = state.work.closing { return closing }
            // A task is marked before its handler runs: a handler that came first, and found nothing to cancel, shows.
            if Task.isCancelled { return .cancelled }
            // Whoever left the first piece of work has woken the thread.
            if state.work.isEmpty { state.wake() }
            state.work.submissions.append(submission)
            return nil
        }
        if let refusal { submission.continuation.resume(returning: .failure(refusal)) }
    }

    func cancel(_ id: UInt) {
        state.withLock { state in
            guard state.work.closing == nil else { return }
            if state.work.isEmpty { state.wake() }
            state.work.cancellations.append(id)
        }
    }

    /// Ends all requests and refuses new ones; returns when the thread has given up everything it had.
    func end() async {
        close(.cancelled)
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if !state.isThreadDone { state.waiter = continuation }
                return state.isThreadDone
            }
            if isDone { continuation.resume() }
        }
    }

    // MARK: For the thread

    /// - Parameter waker: Of the handle on which the thread waits; nil before that handle is freed.
    func setWaker(_ waker: MultiWaker?) {
        state.withLock { $0.waker = waker }
    }

    func take() -> Work {
        state.withLock { state in
            let work = state.work
            state.work = Work(closing: work.closing)
            return work
        }
    }

    /// The first reason stays.
    func close(_ reason: HTTPError) {
        state.withLock { state in
            guard state.work.closing == nil else { return }
            state.work.closing = reason
            state.wake()
        }
    }

    /// The last that the thread does.
    func noteThreadDone() {
        let waiter = state.withLock { state in
            state.isThreadDone = true
            return state.waiter.take()
        }
        waiter?.resume()
    }
}
