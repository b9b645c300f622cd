import BackfillCore
import Synchronization

/// Holds requests back so that no more rows are sent in a second than the job wants. The rate may change at any time.
public final class RatePacer: Sendable {
    /// A changed rate is noticed after so long.
    private static let longestPause = Duration.milliseconds(500)

    private let limit: Mutex<RateLimit>
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    /// - Parameter rowsPerSecond: nil: as fast as the server takes them.
    public init(rowsPerSecond: Double?) {
        limit = Mutex(RateLimit(rowsPerSecond: rowsPerSecond))
        start = clock.now
    }

    /// Rows a second; nil: no ceiling. Setting it holds at once, also for requests that wait.
    public var rowsPerSecond: Double? {
        get { limit.withLock(\.rowsPerSecond) }
        set { limit.withLock { $0.rowsPerSecond = newValue } }
    }

    /// Waits until so many rows may be sent.
    ///
    /// - Throws: `CancellationError`.
    func wait(forRows rows: Int) async throws {
        while let pause = limit.withLock({ $0.take(rows: rows, at: start.duration(to: clock.now)) }) {
            try await clock.sleep(for: min(pause, Self.longestPause))
        }
    }

    /// Lets others send in the place of rows that were waited for and are not sent.
    func giveBack(rows: Int) {
        limit.withLock { $0.giveBack(rows: rows) }
    }
}
