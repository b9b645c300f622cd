import BackfillCore
import BackfillEngine
import Checkpoints
import Logging
import Verification

/// One `verify` from the lock to the report.
struct VerifySession: Sendable {
    let spec: JobSpec
    let scope: VerifyRun.Scope
    /// Where the messages go that mend the differences.
    let output: String
    let log: Logger
    let logFormat: LogFormat
    var stopController = StopController()

    /// - Returns: nil when it was stopped.
    func verify() async throws -> VerifyReport? {
        // A run would change what is compared.
        let lock = try RunLock(checkpoint: spec.run.checkpoint, startedAt: Timestamp.now())
        let stored = try CheckpointFile(path: spec.run.checkpoint).load()
        let planner = try await planner(stored)
        let report = try await SignalTrap(stopController: stopController, log: log).run {
            try await Connection.with(spec.target, log: log) { store in
                try await verify(stored, planner, in: store)
            }
        }
        lock.release()
        return report
    }

    /// Compares as part of something else that holds the job's lock.
    ///
    /// - Returns: nil when it was stopped.
    func verify(_ stored: CheckpointDocument, in store: any CollectionStore) async throws -> VerifyReport? {
        try await verify(stored, try await planner(stored), in: store)
    }

    private func planner(_ stored: CheckpointDocument?) async throws -> JobPlanner {
        let source = try await SourcePlan(
            spec.source, stored: stored.map(StoredSource.init), for: .comparing, now: Timestamp.milliseconds(),
            onEvent: log.kafkaEvents)
        return JobPlanner(spec: spec, source: source)
    }

    private func verify(
        _ stored: CheckpointDocument?, _ planner: JobPlanner, in store: any CollectionStore
    ) async throws -> VerifyReport? {
        let retry = Connection.retry(log)
        let target = try await retry { try await self.target(isUnderWay: stored != nil, in: store) }
        let plan = try planner.plan(for: target, isResumed: true)
        if let stored {
            try CheckpointComparison(
                of: stored, with: plan.job, collection: plan.collection, startsRound: plan.startsRound
            ).requireSameJob(checkpoint: spec.run.checkpoint)
        }
        let document = stored.map { plan.document(of: $0) } ?? plan.wholeDocument(now: Timestamp.now())
        let run = try VerifyRun(
            spec: spec, document: document, plan: plan.records, limits: target.limits,
            retry: Connection.retry(log, spec.run), stopController: stopController, log: log)
        stopController.begin()
        let clock = ContinuousClock()
        let start = clock.now
        guard let outcome = try await observed(run, document, store) else { return nil }
        var report = VerifyReport(spec, scope, outcome, document, isUnfinished: stored.map { !$0.isDone } ?? false)
        if outcome.differences.count > 0 {
            do {
                guard let messages = try await run.writeMessages(that: outcome.differences, to: output) else {
                    return nil
                }
                report.mended(by: messages, in: output, of: outcome.differences)
            } catch let error as any UserFacingError {
                // What was found took long to find.
                report.mendingError = error.description
            }
        } else if output == spec.differencesPath {
            // What was found at another time would undo what came since.
            try AtomicFile(path: output).setAside()
        }
        report.finish(run.statistics, seconds: start.duration(to: clock.now) / .seconds(1))
        return report
    }

    private func target(isUnderWay: Bool, in store: any CollectionStore) async throws -> TargetPlan {
        if !isUnderWay { try await requireCollection(store) }
        let plan =
            try await isUnderWay
            ? TargetPlan.resumed(spec.target, readsRows: true, in: store)
            : TargetPlan(spec.target, readsRows: true, in: store)
        try await requireLoaded(store)
        return plan
    }

    /// One that the job would make has nothing to compare yet.
    private func requireCollection(_ store: any CollectionStore) async throws(StoreError) {
        do throws(StoreError) {
            _ = try await store.describe()
        } catch {
            guard case .missing(let text) = error else { throw error }
            throw .missing(
                "collection `\(spec.target.collection)` does not exist, so that there is nothing to compare (\(text))")
        }
    }

    private func requireLoaded(_ store: any CollectionStore) async throws {
        do throws(StoreError) {
            guard try await store.loadState() != .loaded else { return }
        } catch .fatal {
            // Whoever may read need not be allowed to ask this; the first query tells.
            return
        }
        throw EngineError.notLoaded(spec.target.collection)
    }

    private func observed(
        _ run: VerifyRun, _ document: CheckpointDocument, _ store: any CollectionStore
    ) async throws -> VerifyOutcome? {
        let reporter = ProgressReporter(
            statistics: { run.statistics }, settled: \.read, log: log, format: logFormat, total: document.size,
            before: 0)
        return try await reporter.report { try await run.compare(scope, with: store) }
    }
}

extension CheckpointDocument.Unit {
    fileprivate mutating func includeEarlierRounds() {
        guard case .partition(let topic, let number, let ranges) = extent, !earlier.isEmpty else { return }
        extent = .partition(topic: topic, number: number, ranges: OffsetRange.joined(earlier + ranges))
    }
}

extension JobPlan {
    /// The job's checkpoint with its files where they lie now, since a dump may have moved, and with all that earlier rounds
    /// have read.
    fileprivate func document(of stored: CheckpointDocument) -> CheckpointDocument {
        var document = stored
        document.job.source = job.source
        for index in document.units.indices { document.units[index].includeEarlierRounds() }
        return document
    }

    /// A job that has not begun, as if all of its source had to be in the collection.
    fileprivate func wholeDocument(now: String) -> CheckpointDocument {
        var document = freshDocument(now: now)
        for index in document.units.indices { document.units[index].position = document.units[index].end }
        return document
    }
}
