import BackfillCore
import Synchronization
import TestSupport
import Testing

@Suite("What is repeated")
struct RetryTests {
    /// Shared with the closures that are called back.
    private final class Log: Sendable {
        let calls = Mutex(0)
        let pauses = Mutex<[Duration]>([])
    }

    private let clock = TestClock()
    private let log = Log()

    private let policies = Retry<TestClock, SeededGenerator>.Policies(
        transient: .transient(deadline: .seconds(300)), quota: .quota(deadline: .seconds(600)),
        unexpected: .unexpected)

    /// Calls what fails with these errors one after the other, and succeeds then.
    ///
    /// - Returns: how many calls there were.
    private func calls(
        _ errors: [StoreError], policies: Retry<TestClock, SeededGenerator>.Policies? = nil
    ) async throws -> Int {
        log.calls.withLock { $0 = 0 }
        let retry = Retry(policies ?? self.policies, clock: clock, random: SeededGenerator(seed: 7)) { [log] _, pause in
            log.pauses.withLock { $0.append(pause) }
        }
        return try await retry { () async throws(StoreError) in
            let number = log.calls.withLock { calls in
                calls += 1
                return calls
            }
            if number <= errors.count { throw errors[number - 1] }
            return number
        }
    }

    @Test("is what may pass, until it has passed")
    func passing() async throws {
        let errors: [StoreError] = [.transient("a"), .quota("b"), .unexpected("c"), .transient("d")]
        #expect(try await calls(errors) == 5)
        let pauses = log.pauses.withLock(\.count)
        #expect(pauses == 4)
    }

    @Test(
        "is nothing that no repetition helps",
        arguments: [
            StoreError.fatal("x"), .missing("x"), .refusedRows("x"), .tooLarge("x"), .schemaChanged("x"), .cancelled,
        ])
    func hopeless(error: StoreError) async {
        await #expect(throws: error) { try await calls([error]) }
        let pauses = log.pauses.withLock(\.count)
        #expect(pauses == 0)
    }

    @Test("has bounds for each kind of failure, which one of another kind does not use up")
    func bounds() async throws {
        let restart = [StoreError](repeating: .transient("away"), count: 20)
        #expect(try await calls(restart + [.unexpected("starting"), .unexpected("starting")]) == 23)
        await #expect(throws: StoreError.unexpected("for ever")) {
            try await calls([StoreError](repeating: .unexpected("for ever"), count: 5))
        }
    }

    @Test("ends with the ceiling that the job sets", arguments: [60, 300, 3600])
    func ceiling(seconds: Int) async {
        let start = clock.now
        var policies = policies
        policies.quota = .quota(deadline: .seconds(seconds))
        await #expect(throws: StoreError.quota("full")) {
            try await calls([StoreError](repeating: .quota("full"), count: 100_000), policies: policies)
        }
        let time = start.duration(to: clock.now)
        #expect(time >= .seconds(seconds) && time <= .seconds(seconds + 30))
    }

    @Test("is nothing for which there is no policy")
    func probe() async {
        await #expect(throws: StoreError.unexpected("x")) {
            try await calls([.unexpected("x")], policies: .init(transient: nil))
        }
    }
}
