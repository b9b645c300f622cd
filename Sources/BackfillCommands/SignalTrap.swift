import BackfillCore
import BackfillEngine
import Foundation
import Logging
import UnixSignals

/// Turns SIGINT and SIGTERM into the wish to stop.
struct SignalTrap: Sendable {
    let stopController: StopController
    let log: Logger

    /// Runs `body`; the first signal asks it to stop, the second ends the process at once.
    func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await signal in signals {
                    let status = signal == .sigint ? ExitStatus.interrupted : .terminated
                    // What is durable stands; nothing has to be cleaned up.
                    if stopController.reason != nil { _exit(status.rawValue) }
                    log.notice("run.stopping", metadata: ["signal": "\(signal)"])
                    stopController.stop(status)
                }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            preconditionFailure("The body's result ends the loop.")
        }
    }
}
