import BackfillCore
import TestSupport
import Testing

@Suite("The job's own ceiling on rows a second")
struct RateLimitTests {
    /// Sends batches for some time, each as soon as it may go.
    ///
    /// - Returns: the rows that went.
    private func rows(
        _ limit: inout RateLimit, from start: Duration, to end: Duration, batch: () -> Int
    ) -> Int {
        var (now, rows) = (start, 0)
        while true {
            let next = batch()
            while let pause = limit.take(rows: next, at: now) {
                now += max(pause, .nanoseconds(1))
                if now >= end { return rows }
            }
            rows += next
        }
    }

    @Test("is met within a batch over any time", arguments: UInt64(1)...20)
    func ceiling(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let rate = Double(random.number(1...100_000))
        var limit = RateLimit(rowsPerSecond: rate)
        let largest = random.number(1...5000)
        let seconds = Double(random.number(10...1000))
        let sent = rows(&limit, from: .zero, to: .seconds(seconds)) { random.number(1...largest) }
        #expect(Double(sent) <= rate * seconds + Double(largest))
        #expect(Double(sent) >= rate * seconds - Double(largest))
    }

    @Test("lets everything go where there is none")
    func unlimited() {
        var limit = RateLimit(rowsPerSecond: nil)
        for _ in 0..<1000 {
            let pause = limit.take(rows: 1_000_000, at: .zero)
            #expect(pause == nil)
        }
    }

    @Test("holds from the moment it is changed, also for what is owed")
    func change() throws {
        var limit = RateLimit(rowsPerSecond: 1)
        let first = limit.take(rows: 1000, at: .zero)
        #expect(first == nil)
        let slow = limit.take(rows: 1, at: .seconds(1))
        #expect(try #require(slow) > .seconds(900))
        limit.rowsPerSecond = 1000
        let fast = limit.take(rows: 1, at: .seconds(1))
        #expect(try #require(fast) <= .seconds(1))
        let paid = limit.take(rows: 1, at: .seconds(2))
        #expect(paid == nil)
        limit.rowsPerSecond = nil
        let free = limit.take(rows: 1, at: .seconds(2))
        #expect(free == nil)
    }

    @Test("does not count what is given back")
    func givenBack() throws {
        var limit = RateLimit(rowsPerSecond: 1)
        let first = limit.take(rows: 100, at: .zero)
        limit.giveBack(rows: 60)
        let second = limit.take(rows: 100, at: .zero)
        #expect(first == nil && second == .seconds(40))
        limit.giveBack(rows: 100)
        let third = limit.take(rows: 10, at: .zero)
        let fourth = limit.take(rows: 10, at: .zero)
        #expect(third == nil && fourth == .seconds(10))
    }

    @Test("saves nothing up while nothing is sent")
    func pause() {
        var limit = RateLimit(rowsPerSecond: 10)
        let first = limit.take(rows: 1, at: .zero)
        #expect(first == nil)
        let sent = rows(&limit, from: .seconds(3600), to: .seconds(3610)) { 10 }
        #expect(sent <= 110)
    }
}
