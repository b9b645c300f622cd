public import BackfillCore
public import Logging

/// Has a server make everything of a collection ready to be searched.
///
/// What takes its time is waited for as long as it moves.
public struct SearchPreparation<Time: Clock<Duration>, Random: RandomNumberGenerator & Sendable>: Sendable {
    /// What a server has said in the end.
    public struct Outcome: Sendable, Equatable {
        /// Whether the server has told that everything is in its storage.
        public var isFlushConfirmed: Bool
        public var indexes: [IndexState]
        /// Rows that a search finds; with a partition, on servers that tell them apart, those of the partition.
        public var rows: Int
    }

    private static var shortestPause: Duration { .milliseconds(100) }
    private static var longestPause: Duration { .seconds(2) }
    /// Between two log lines about what has moved.
    private static var logInterval: Duration { .seconds(5) }

    private let retry: Retry<Time, Random>
    private let patience: Duration
    private let clock: Time
    private let log: Logger

    /// - Parameters:
    ///   - retry: repeats single calls.
    ///   - patience: how long something is waited for that does not move.
    public init(retry: Retry<Time, Random>, patience: Duration, clock: Time, log: Logger) {
        self.retry = retry
        self.patience = patience
        self.clock = clock
        self.log = log
    }

    /// Returns when everything that was acknowledged before is in the server's storage, indexed and loaded.
    ///
    /// - Throws: `FinishError`, `StoreError`.
    public func prepare(_ name: String, in store: some CollectionStore) async throws -> Outcome {
        let flush = try await retry { () async throws(StoreError) in try await store.flush() }
        let isFlushConfirmed = try await waitForEnd(of: flush, in: store)
        var indexes: [IndexState] = []
        if isFlushConfirmed { indexes = try await waitForIndexes(of: name, covering: 0, in: store) }
        try await load(name, in: store)
        // From here on searches find every row too that are content with a somewhat older state.
        let rows = try await retry { () async throws(StoreError) in try await store.count() }
        // Its indexes do not count what is not in the server's storage yet: as many rows as can be found have to be.
        if !isFlushConfirmed { indexes = try await waitForIndexes(of: name, covering: rows, in: store) }
        return Outcome(isFlushConfirmed: isFlushConfirmed, indexes: indexes, rows: rows)
    }

    /// Returns when the collection can be searched.
    ///
    /// - Throws: `FinishError`, `StoreError`.
    public func load(_ name: String, in store: some CollectionStore) async throws {
        do throws(StoreError) {
            // Loading again could change the number of its replicas, or be refused for that.
            guard try await retry({ () async throws(StoreError) in try await store.loadState() }) != .loaded else {
                return
            }
            try await retry { () async throws(StoreError) in try await store.load() }
        } catch .missing(let words), .fatal(let words) {
            throw FinishError.notLoadable(name, words: words)
        }
        try await wait(for: "the loading of collection `\(name)`") {
            try await retry { () async throws(StoreError) in try await store.loadState() }
        } until: {
            $0 == .loaded
        } tell: {
            if case .loading(let percent) = $0 { log.info("finish.load", metadata: ["percent": .number(percent)]) }
        }
    }

    /// - Returns: false where the server does not tell.
    private func waitForEnd(of flush: Flush, in store: some CollectionStore) async throws -> Bool {
        let hasEnded = try await wait(for: "the flush") {
            try await retry { () async throws(StoreError) in try await store.hasEnded(flush) }
        } until: {
            $0 != false
        } tell: { _ in
            log.info("finish.flush")
        }
        if hasEnded == nil { log.notice("finish.flushUnconfirmed") }
        return hasEnded != nil
    }

    private func waitForIndexes(
        of name: String, covering rows: Int, in store: some CollectionStore
    ) async throws -> [IndexState] {
        try await wait(for: "the indexing of collection `\(name)`") {
            let states = try await retry { () async throws(StoreError) in try await store.indexStates() }
            for state in states {
                if let words = state.failure { throw FinishError.indexFailed(field: state.field, words: words) }
            }
            return states
        } until: { states in
            states.allSatisfy { $0.isComplete && $0.totalRows >= rows }
        } tell: { states in
            for state in states where !state.isComplete {
                log.info(
                    "finish.index",
                    metadata: [
                        "field": "\(state.field)", "rows": .number(state.totalRows),
                        "pendingRows": .number(state.pendingRows),
                    ])
            }
        }
    }

    /// Looks again and again, until it sees what is waited for.
    ///
    /// - Parameters:
    ///   - what: what is waited for, for the person.
    ///   - tell: logs what is still waited for, now and then.
    @discardableResult
    private func wait<State: Equatable>(
        for what: String, _ look: () async throws -> State, until isDone: (State) -> Bool, tell: (State) -> Void
    ) async throws -> State {
        var pause = Self.shortestPause
        var last: (state: State, at: Time.Instant)?
        var lastLogged: Time.Instant?
        while true {
            let state = try await look()
            let now = clock.now
            if isDone(state) { return state }
            if let last, last.state == state {
                guard last.at.duration(to: now) < patience else { throw FinishError.stalled(what, patience) }
            } else {
                last = (state, now)
            }
            if lastLogged.map({ $0.duration(to: now) >= Self.logInterval }) ?? true {
                tell(state)
                lastLogged = now
            }
            try await clock.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }
}
