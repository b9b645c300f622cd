/// How many requests may be in flight. It grows while the server keeps up and shrinks when the server does not: doubled
/// with each round trip at first, then by one, and halved under pressure.
public struct ConcurrencyWindow: Sendable {
    /// When the latency has grown so far that the requests in flight bring less than this share of what was brought
    /// before, there are too many of them.
    private static let worthwhileShare = 0.5

    public let maximum: Int
    private var limit = 1.0
    private var isSlowStart = true
    /// Answers to requests that were sent before the last time it shrank: they say nothing new.
    private var staleAnswers = 0
    /// Seconds that a full request takes, smoothed.
    private var latency: Double?
    /// Requests a second at best.
    private var bestThroughput = 0.0
    /// Bytes of the largest request so far.
    private var largest = 0

    /// - Parameter maximum: requests in flight when the server keeps up, from 1.
    public init(maximum: Int) {
        self.maximum = maximum
    }

    public var size: Int { Int(limit) }

    /// Takes note of an acknowledged request.
    ///
    /// - Parameters:
    ///   - bytes: its size.
    ///   - latency: from sending it to the answer.
    public mutating func acknowledged(bytes: Int, after latency: Duration) {
        let isStale = staleAnswers > 0
        staleAnswers -= isStale ? 1 : 0
        let throughput = observe(latency / .seconds(1), bytes)
        if !isStale, limit >= 2, let throughput, throughput < Self.worthwhileShare * bestThroughput {
            shrink(to: 0.75)
            // The smoothed value belongs to the window that was; the smaller one is given its own chance.
            self.latency = nil
        } else {
            limit = min(Double(maximum), limit + (isSlowStart ? 1 : 1 / limit))
        }
    }

    /// Takes note of a request that the server had no room or no time for, or that did not reach it.
    public mutating func pressed() {
        guard staleAnswers == 0 else {
            staleAnswers -= 1
            return
        }
        shrink(to: 0.5)
    }

    private mutating func shrink(to share: Double) {
        isSlowStart = false
        staleAnswers = size - 1
        limit = max(1, limit * share)
    }

    /// - Returns: requests a second; nil after a small one, which is fast whatever the server does.
    private mutating func observe(_ seconds: Double, _ bytes: Int) -> Double? {
        largest = max(largest, bytes)
        guard bytes * 2 >= largest else { return nil }
        let smoothed = latency.map { $0 + (seconds - $0) / 8 } ?? seconds
        latency = smoothed
        let throughput = Double(size) / max(smoothed, 1e-6)
        // A server that has become slower for good is not to be held to what it once did. What requests alone bring
        // says it sooner.
        bestThroughput = max(throughput, bestThroughput * (size == 1 ? 0.9 : 0.995))
        return throughput
    }
}
