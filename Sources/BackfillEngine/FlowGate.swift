import Synchronization

/// Bounds what is read and not yet settled, by rows and by bytes: the back pressure from the server to the source.
///
/// Chunks are let in in the order in which they asked. A chunk that is larger than the bound is let in alone.
final class FlowGate: Sendable {
    private struct Waiter {
        var rows: Int
        var bytes: Int
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var rows = 0
        var bytes = 0
        var isClosed = false
        var waiters: [Waiter] = []
    }

    private let maximumRows: Int
    private let maximumBytes: Int
    private let state = Mutex(State())

    init(maximumRows: Int, maximumBytes: Int) {
        self.maximumRows = maximumRows
        self.maximumBytes = maximumBytes
    }

    /// Waits until there is room.
    ///
    /// - Parameter whenFull: called before waiting, so that whoever holds rows back lets go of them.
    /// - Returns: false when the gate was closed meanwhile; nothing is held then.
    func enter(rows: Int, bytes: Int, whenFull: () -> Void) async -> Bool {
        let immediate = state.withLock { state -> Bool? in
            if state.isClosed { return false }
            guard state.waiters.isEmpty, hasRoom(state, rows, bytes) else { return nil }
            state.rows += rows
            state.bytes += bytes
            return true
        }
        if let immediate { return immediate }
        whenFull()
        return await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                if state.isClosed { return false }
                state.waiters.append(Waiter(rows: rows, bytes: bytes, continuation: continuation))
                return nil
            }
            if let answer { continuation.resume(returning: answer) } else { letIn() }
        }
    }

    func leave(rows: Int, bytes: Int) {
        state.withLock { state in
            state.rows -= rows
            state.bytes -= bytes
        }
        letIn()
    }

    /// Turns everyone who waits away, and everyone who comes later.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: false) }
    }

    private func letIn() {
        while true {
            let next = state.withLock { state -> Waiter? in
                guard let first = state.waiters.first, hasRoom(state, first.rows, first.bytes) else { return nil }
                state.rows += first.rows
                state.bytes += first.bytes
                return state.waiters.removeFirst()
            }
            guard let next else { return }
            next.continuation.resume(returning: true)
        }
    }

    private func hasRoom(_ state: borrowing State, _ rows: Int, _ bytes: Int) -> Bool {
        state.rows == 0 || (state.rows + rows <= maximumRows && state.bytes + bytes <= maximumBytes)
    }
}
