import Synchronization

/// A clock that goes on by the same time whenever it is looked at.
final class SteppingClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)
    private let step: Duration

    init(step: Duration) {
        self.step = step
    }

    var now: ContinuousClock.Instant {
        instant.withLock { instant in
            instant = instant.advanced(by: step)
            return instant
        }
    }
}
