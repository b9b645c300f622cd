import Synchronization

/// Time that passes only where somebody waits for it, and then at once.
package final class TestClock: Clock {
    package struct Instant: InstantProtocol {
        var offset: Duration

        package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        package func duration(to other: Instant) -> Duration { other.offset - offset }
        package static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let time = Mutex(Duration.zero)

    package init() {}

    package var now: Instant { Instant(offset: time.withLock(\.self)) }

    package var minimumResolution: Duration { .nanoseconds(1) }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        time.withLock { $0 = max($0, deadline.offset) }
    }

    /// Time that passes while something else happens.
    package func advance(by duration: Duration) {
        time.withLock { $0 += duration }
    }
}
