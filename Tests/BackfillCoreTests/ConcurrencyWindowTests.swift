import BackfillCore
import Testing

@Suite("The number of requests in flight")
struct ConcurrencyWindowTests {
    /// A server with so many workers: beyond them a request waits, and beyond its memory each takes longer and longer.
    private struct Server {
        var workers: Int
        var collapsesBeyond = Int.max

        func latency(inFlight: Int) -> Duration {
            let queued = Double(max(workers, inFlight)) / Double(workers)
            let excess = Double(max(0, inFlight - collapsesBeyond))
            return .milliseconds(10) * (queued * (1 + excess * excess))
        }
    }

    /// The window after so many requests.
    private func window(_ maximum: Int, on server: Server, requests: Int = 2000) -> ConcurrencyWindow {
        var window = ConcurrencyWindow(maximum: maximum)
        for _ in 0..<requests {
            window.acknowledged(bytes: 1000, after: server.latency(inFlight: window.size))
        }
        return window
    }

    @Test("begins with one and doubles with each round trip up to the maximum")
    func slowStart() {
        var window = ConcurrencyWindow(maximum: 16)
        #expect(window.size == 1)
        var sizes: [Int] = []
        for _ in 0..<5 {
            for _ in 0..<window.size { window.acknowledged(bytes: 1000, after: .milliseconds(10)) }
            sizes.append(window.size)
        }
        #expect(sizes == [2, 4, 8, 16, 16])
    }

    @Test(
        "is halved under pressure, once for the requests that were under way, and grows by one a round trip after that")
    func pressure() {
        var window = window(16, on: Server(workers: 16))
        #expect(window.size == 16)
        // All sixteen that are in flight come back with the same news.
        for _ in 0..<16 { window.pressed() }
        #expect(window.size == 8)
        for _ in 0..<3 {
            let before = window.size
            for _ in 0..<before { window.acknowledged(bytes: 1000, after: .milliseconds(10)) }
            #expect((before...before + 1).contains(window.size))
        }
        #expect((9...11).contains(window.size))
    }

    @Test("never falls below one, and recovers")
    func recovery() {
        var window = window(8, on: Server(workers: 8))
        for _ in 0..<100 { window.pressed() }
        #expect(window.size == 1)
        for _ in 0..<100 { window.acknowledged(bytes: 1000, after: .milliseconds(10)) }
        #expect(window.size == 8)
    }

    @Test("stays at the maximum on a server whose requests only queue", arguments: [1, 2, 4, 8])
    func saturatedServer(workers: Int) {
        #expect(window(8, on: Server(workers: workers)).size >= 7)
    }

    @Test("falls when more requests make each of them slower than their number explains")
    func risingLatency() {
        let window = window(32, on: Server(workers: 4, collapsesBeyond: 8))
        #expect((4...12).contains(window.size), "\(window.size)")
    }

    @Test("falls when the server slows down suddenly, and grows again when that stays so")
    func slowerForGood() {
        var window = window(8, on: Server(workers: 8))
        var smallest = window.size
        for _ in 0..<60 {
            window.acknowledged(bytes: 1000, after: .milliseconds(500))
            smallest = min(smallest, window.size)
        }
        #expect(smallest < 4)
        for _ in 0..<3000 { window.acknowledged(bytes: 1000, after: .milliseconds(500)) }
        #expect(window.size == 8)
    }

    @Test("does not take the speed of small requests for that of the server")
    func smallRequests() {
        var window = window(8, on: Server(workers: 8))
        for _ in 0..<200 {
            window.acknowledged(bytes: 10, after: .microseconds(100))
            window.acknowledged(bytes: 1000, after: .milliseconds(10))
        }
        #expect(window.size == 8)
    }
}
