import BackfillCore
import TestSupport
import Testing

@Suite("The pause before a request is sent again")
struct RetryPolicyTests {
    private let policy = RetryPolicy(
        initialDelay: .milliseconds(100), maximumDelay: .seconds(3), maximumAttempts: 12, deadline: .seconds(60))

    @Test("lies between zero and a ceiling that doubles up to the maximum", arguments: 1...11)
    func bounds(attempt: Int) throws {
        var random = SeededGenerator(seed: UInt64(attempt))
        let ceiling = min(Duration.seconds(3), .milliseconds(100) * (1 << (attempt - 1)))
        var longest = Duration.zero
        var shortest = Duration.seconds(100)
        for _ in 0..<500 {
            let delay = try #require(policy.delay(afterAttempt: attempt, elapsed: .zero, using: &random))
            #expect((.zero...ceiling).contains(delay))
            longest = max(longest, delay)
            shortest = min(shortest, delay)
        }
        // Spread over the whole range, so that lanes do not come back together.
        #expect(longest > ceiling * 0.9)
        #expect(shortest < ceiling * 0.1)
    }

    @Test("ends with the last attempt and with the deadline")
    func end() {
        var random = SeededGenerator(seed: 1)
        #expect(policy.delay(afterAttempt: 11, elapsed: .zero, using: &random) != nil)
        #expect(policy.delay(afterAttempt: 12, elapsed: .zero, using: &random) == nil)
        #expect(policy.delay(afterAttempt: 13, elapsed: .zero, using: &random) == nil)
        #expect(policy.delay(afterAttempt: 1, elapsed: .milliseconds(59_999), using: &random) != nil)
        #expect(policy.delay(afterAttempt: 1, elapsed: .seconds(60), using: &random) == nil)
        #expect(policy.delay(afterAttempt: 1, elapsed: .seconds(1 << 40), using: &random) == nil)
    }

    @Test("stays bounded after any number of attempts")
    func manyAttempts() throws {
        var random = SeededGenerator(seed: 2)
        let patient = RetryPolicy(
            initialDelay: .seconds(5), maximumDelay: .seconds(30), maximumAttempts: .max, deadline: .seconds(60))
        for attempt in [20, 21, 22, 63, 64, 65, 1000, Int.max - 1] {
            let delay = try #require(patient.delay(afterAttempt: attempt, elapsed: .zero, using: &random))
            #expect((.zero...(.seconds(30))).contains(delay))
        }
    }

    @Test(
        "the ready-made policies give up in minutes",
        arguments: [
            RetryPolicy.transient(deadline: .seconds(300)), .quota(deadline: .seconds(600)),
        ])
    func readyMade(policy: RetryPolicy) {
        for seed in UInt64(1)...20 {
            var random = SeededGenerator(seed: seed)
            var elapsed = Duration.zero
            var attempt = 1
            while let delay = policy.delay(afterAttempt: attempt, elapsed: elapsed, using: &random) {
                elapsed += delay
                attempt += 1
            }
            #expect(attempt <= policy.maximumAttempts)
            #expect(elapsed < policy.deadline + policy.maximumDelay)
            #expect(attempt > 10)
        }
    }
}
