import BackfillCore
import BackfillEngine
import Foundation
import Logging
import UnixSignals

/// Turns SIGINT, SIGTERM and the end of a time window into the wish to stop, and SIGHUP into the wish to look at the job
/// file again.
struct SignalTrap: Sendable {
    let stopController: StopController
    let log: Logger
    var window = TimeWindow()
    /// What the person reads when nothing has begun that would have to be written out.
    var stopped = "stopped before anything was read or written: run the same command again"
    var onHangup: @Sendable () -> Void = {}

    /// Runs `body`; the first signal asks it to stop, the second ends the process at once.
    func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await signal in signals {
                    switch signal {
                    case .sighup: onHangup()
                    case .sigint: stop(.interrupted, because: "\(signal)")
                    default: stop(.terminated, because: "\(signal)")
                    }
                }
                return nil
            }
            group.addTask {
                if await window.passes() { stop(.temporarilyUnavailable, because: "the time window ends") }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            preconditionFailure("The body's result ends the loop.")
        }
    }

    private func stop(_ status: ExitStatus, because reason: String) {
        // What is durable stands; nothing has to be cleaned up.
        if stopController.reason != nil { _exit(status.rawValue) }
        log.notice("run.stopping", metadata: ["reason": "\(reason)"])
        guard stopController.hasBegun else {
            StandardError.complain(stopped)
            _exit(status.rawValue)
        }
        stopController.stop(status)
    }
}
