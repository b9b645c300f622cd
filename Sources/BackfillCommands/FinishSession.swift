import BackfillCore
import BackfillEngine
import Checkpoints
import Logging

/// One `finish` from the lock to the report.
struct FinishSession: Sendable {
    let spec: JobSpec
    /// What is compared before the alias is moved; nil: nothing.
    let scope: VerifyRun.Scope?
    let log: Logger
    let logFormat: LogFormat
    let stopController = StopController()

    /// Makes the collection ready, and moves the alias to it last of all.
    ///
    /// - Returns: nil when it was stopped.
    func finish() async throws -> FinishReport? {
        try await held { start in
            guard let stored = try CheckpointFile(path: spec.run.checkpoint).load() else {
                throw FinishError.notBegun(checkpoint: spec.run.checkpoint)
            }
            guard stored.isDone else { throw FinishError.notDone(checkpoint: spec.run.checkpoint) }
            return try await Connection.with(spec.target, log: log) { store in
                let collection = try await filled(stored, in: store)
                let alias = aliasSwitch
                try await alias?.check(in: store)
                let prepared = try await preparation.prepare(collection.name, in: store)
                var report = FinishReport(spec, prepared)
                if let scope {
                    guard let compared = try await compare(scope, stored, in: store) else { return nil }
                    report.compared(compared)
                }
                if report.outcome == .finished {
                    let moved = try await alias?.move(to: collection, in: store, now: Timestamp.now())
                    report.moved(moved)
                    log(moved)
                }
                report.seconds = start.duration(to: ContinuousClock.now) / .seconds(1)
                return report
            }
        }
    }

    /// - Returns: nil when it was stopped.
    private func compare(
        _ scope: VerifyRun.Scope, _ stored: CheckpointDocument, in store: any CollectionStore
    ) async throws -> VerifyReport? {
        let session = VerifySession(
            spec: spec, scope: scope, output: spec.differencesPath, log: log, logFormat: logFormat,
            stopController: stopController)
        let report = try await session.verify(stored, in: store)
        stopController.end()
        return stopController.reason == nil ? report : nil
    }

    /// Moves the alias back.
    func rollback() async throws -> FinishReport? {
        guard let alias = aliasSwitch else { throw FinishError.noAlias }
        return try await held { start in
            let previous = try alias.previous()
            var target = spec.target
            target.collection = previous.name
            return try await Connection.with(target, log: log) { store in
                let moved = try await alias.moveBack(to: previous, in: store) {
                    try await preparation.load(previous.name, in: store)
                }
                log(moved)
                var report = FinishReport(spec, nil)
                report.outcome = .rolledBack
                report.moved(moved)
                report.seconds = start.duration(to: ContinuousClock.now) / .seconds(1)
                return report
            }
        }
    }

    /// Does the work under the job's lock. A signal ends the process at once, but for a comparison, which removes its files
    /// first: whatever is done by then stays right.
    private func held(
        _ work: @Sendable @escaping (_ start: ContinuousClock.Instant) async throws -> FinishReport?
    ) async throws -> FinishReport? {
        let lock = try RunLock(checkpoint: spec.run.checkpoint, startedAt: Timestamp.now())
        let trap = SignalTrap(
            stopController: stopController, log: log, stopped: "stopped: run the same command again to go on")
        let report = try await trap.run { try await work(ContinuousClock.now) }
        lock.release()
        return report
    }

    /// The job's collection, which has to be the one that the job has filled.
    private func filled(
        _ stored: CheckpointDocument, in store: some CollectionStore
    ) async throws -> CollectionSchema {
        let collection: CollectionSchema
        do throws(StoreError) {
            collection = try await retry { () async throws(StoreError) in try await store.describe() }
        } catch .missing {
            throw EngineError.collectionGone(spec.target.collection)
        }
        try CheckpointComparison(
            of: stored, with: spec.identity(source: stored.job.source),
            collection: CheckpointDocument.Collection(collection)
        ).requireSameJob(checkpoint: spec.run.checkpoint)
        let name = spec.target.collection
        if let real = try await retry({ () async throws(StoreError) in try await store.collection(ofAlias: name) }) {
            throw FinishError.collectionIsAlias(name, of: real)
        }
        return collection
    }

    private var aliasSwitch: AliasSwitch? {
        spec.target.alias.map {
            AliasSwitch($0, target: spec.target, file: SwitchFile(checkpoint: spec.run.checkpoint), retry: retry)
        }
    }

    private var preparation: SearchPreparation<ContinuousClock, SystemRandomNumberGenerator> {
        SearchPreparation(retry: retry, patience: spec.run.unavailableTimeout, clock: ContinuousClock(), log: log)
    }

    private var retry: ServerRetry { Connection.retry(log, spec.run) }

    private func log(_ moved: AliasSwitch.Outcome?) {
        guard let moved else { return }
        log.info("finish.switch", metadata: ["from": "\(moved.before ?? "none")", "to": "\(moved.after)"])
    }
}
