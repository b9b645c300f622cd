/// How long to wait before a request is sent again, and when to give up: bounded by attempts and by time.
public struct RetryPolicy: Sendable, Equatable {
    public var initialDelay: Duration
    public var maximumDelay: Duration
    public var maximumAttempts: Int
    /// From the first failure to the last attempt.
    public var deadline: Duration

    public init(initialDelay: Duration, maximumDelay: Duration, maximumAttempts: Int, deadline: Duration) {
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
        self.maximumAttempts = maximumAttempts
        self.deadline = deadline
    }

    /// For a server that is starting, overloaded or unreachable for a while.
    public static let transient = RetryPolicy(
        initialDelay: .milliseconds(50), maximumDelay: .seconds(10), maximumAttempts: 100, deadline: .seconds(300))

    /// For a server that has no memory or disk left, or whose operator denies writes: it needs minutes, or a person.
    public static let quota = RetryPolicy(
        initialDelay: .seconds(5), maximumDelay: .seconds(30), maximumAttempts: 100, deadline: .seconds(600))

    /// The pause after the given failed attempt, spread evenly over zero to the exponential back-off so that lanes do
    /// not come back together; nil when the request has failed for good.
    ///
    /// - Parameters:
    ///   - attempt: 1 after the first failure.
    ///   - elapsed: time since the first failure.
    public func delay(
        afterAttempt attempt: Int, elapsed: Duration, using random: inout some RandomNumberGenerator
    ) -> Duration? {
        guard attempt < maximumAttempts, elapsed < deadline else { return nil }
        let ceiling = min(maximumDelay, initialDelay * (1 << min(attempt - 1, 20)))
        return ceiling * Double.random(in: 0...1, using: &random)
    }
}
