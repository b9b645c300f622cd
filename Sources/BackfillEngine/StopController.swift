public import BackfillCore
import Synchronization

/// Asks a run to stop: it reads no further, writes out what it has read, and checkpoints.
public final class StopController: Sendable {
    private struct State {
        var reason: ExitStatus?
        var hasBegun = false
        var observers: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Why the run was asked to stop; nil while nobody asked.
    public var reason: ExitStatus? { state.withLock(\.reason) }

    /// Whether there is anything that has to be written out before the process ends.
    public var hasBegun: Bool { state.withLock(\.hasBegun) }

    /// From here on a stop lets what is under way come to its end.
    public func begin() { state.withLock { $0.hasBegun = true } }

    /// From here on there is nothing left that a stop would have to wait for.
    public func end() { state.withLock { $0.hasBegun = false } }

    /// Asks once; later calls change nothing.
    public func stop(_ reason: ExitStatus) {
        let observers = state.withLock { state in
            guard state.reason == nil else { return [@Sendable () -> Void]() }
            state.reason = reason
            defer { state.observers = [] }
            return state.observers
        }
        for observer in observers { observer() }
    }

    /// Calls `observer` when the run is asked to stop, or at once when it was.
    func onStop(_ observer: @escaping @Sendable () -> Void) {
        let isStopped = state.withLock { state in
            if state.reason == nil { state.observers.append(observer) }
            return state.reason != nil
        }
        if isStopped { observer() }
    }
}
