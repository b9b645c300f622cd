/// Repeats calls to a server that may succeed later.
public struct Retry<Time: Clock<Duration>, Random: RandomNumberGenerator & Sendable>: Sendable {
    /// What is repeated, and for how long; nil: not at all.
    public struct Policies: Sendable {
        public var transient: RetryPolicy?
        public var quota: RetryPolicy?
        public var unexpected: RetryPolicy?

        public init(transient: RetryPolicy?, quota: RetryPolicy? = nil, unexpected: RetryPolicy? = nil) {
            self.transient = transient
            self.quota = quota
            self.unexpected = unexpected
        }

        fileprivate func policy(for kind: RetriedKind) -> RetryPolicy? {
            switch kind {
            case .transient: transient
            case .quota: quota
            case .unexpected: unexpected
            }
        }
    }

    public let policies: Policies
    private let clock: Time
    private let random: Random
    private let onRetry: @Sendable (_ error: StoreError, _ pause: Duration) -> Void

    /// - Parameter onRetry: called before each pause.
    public init(
        _ policies: Policies, clock: Time, random: Random,
        onRetry: @escaping @Sendable (_ error: StoreError, _ pause: Duration) -> Void
    ) {
        self.policies = policies
        self.clock = clock
        self.random = random
        self.onRetry = onRetry
    }

    /// Calls `attempt` until it succeeds, or has failed for good.
    ///
    /// - Throws: the last error, also when the task is cancelled in a pause. Only a `StoreError` is followed by another
    ///   attempt.
    public func callAsFunction<Result: Sendable, Failure: Error>(
        _ attempt: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        var random = random
        // Each kind of failure has its own bounds: a server that comes back may have other trouble first.
        var failures: [RetriedKind: (count: Int, first: Time.Instant)] = [:]
        while true {
            do throws(Failure) {
                return try await attempt()
            } catch {
                guard let fault = error as? StoreError, let kind = RetriedKind(fault),
                    let policy = policies.policy(for: kind)
                else { throw error }
                let now = clock.now
                var failure = failures[kind] ?? (0, now)
                failure.count += 1
                failures[kind] = failure
                guard
                    let pause = policy.delay(
                        afterAttempt: failure.count, elapsed: failure.first.duration(to: now), using: &random)
                else { throw error }
                onRetry(fault, pause)
                let isCancelled: Bool
                do {
                    try await clock.sleep(for: pause)
                    isCancelled = false
                } catch {
                    isCancelled = true
                }
                if isCancelled { throw error }
            }
        }
    }
}

/// What failures are counted together.
private enum RetriedKind: Hashable {
    case transient, quota, unexpected

    /// nil for what no repetition helps.
    init?(_ error: StoreError) {
        switch error {
        case .transient: self = .transient
        case .quota: self = .quota
        case .unexpected: self = .unexpected
        case .tooLarge, .refusedRows, .missing, .schemaChanged, .fatal, .cancelled: return nil
        }
    }
}

/// Calls to a real server, in real time.
public typealias ServerRetry = Retry<ContinuousClock, SystemRandomNumberGenerator>
