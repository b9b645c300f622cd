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

    /// A policy that ends by its deadline unless it is met with only short pauses, since they are random.
    private init(initialDelay: Duration, maximumDelay: Duration, deadline: Duration) {
        let attempts = 20 + Int(4 * (deadline / maximumDelay))
        self.init(
            initialDelay: initialDelay, maximumDelay: maximumDelay, maximumAttempts: attempts, deadline: deadline)
    }

    /// For a server that is starting, overloaded or unreachable for a while.
    public static func transient(deadline: Duration) -> RetryPolicy {
        RetryPolicy(initialDelay: .milliseconds(50), maximumDelay: .seconds(10), deadline: deadline)
    }

    /// For a server that has no memory or disk left, or whose operator denies writes: it needs minutes, or a person.
    public static func quota(deadline: Duration) -> RetryPolicy {
        RetryPolicy(initialDelay: .seconds(5), maximumDelay: .seconds(30), deadline: deadline)
    }

    /// For an answer that may mean a passing fault as well as the rows: long enough for what passes at once.
    public static let unexpected = RetryPolicy(
        initialDelay: .milliseconds(200), maximumDelay: .seconds(1), maximumAttempts: 5, deadline: .seconds(10))

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
