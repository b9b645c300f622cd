import BackfillCore
import BackfillEngine
import Checkpoints
import Foundation
import Logging
import MilvusStore

/// One `run` from the lock to the report.
struct RunSession: Sendable {
    let spec: JobSpec
    let isDryRun: Bool
    let restarts: Bool
    /// How long another run of the job is waited for.
    let patience: Duration
    let log: Logger
    let logFormat: LogFormat
    let threshold: LogThreshold
    let window: TimeWindow
    /// Reads the job file's run options as they are now.
    let reread: @Sendable () throws -> RunOptions
    let stopController = StopController()
    /// Between two tries to get the lock that another run holds.
    private static let lockInterval = Duration.milliseconds(250)
    private let pacer: RatePacer
    private let metrics: MetricsReporter

    init(
        spec: JobSpec, isDryRun: Bool, restarts: Bool, patience: Duration, log: Logger, logFormat: LogFormat,
        threshold: LogThreshold,
        window: TimeWindow, reread: @escaping @Sendable () throws -> RunOptions
    ) {
        self.spec = spec
        self.isDryRun = isDryRun
        self.restarts = restarts
        self.patience = patience
        self.log = log
        self.logFormat = logFormat
        self.threshold = threshold
        self.window = window
        self.reread = reread
        self.pacer = RatePacer(rowsPerSecond: spec.run.rate)
        self.metrics = MetricsReporter(spec, log: log)
    }

    private var signals: SignalTrap {
        SignalTrap(stopController: stopController, log: log, window: window, onHangup: adjust)
    }

    /// Follows the job file where that is possible during a run.
    private func adjust() {
        do {
            let options = try reread()
            pacer.rowsPerSecond = options.rate
            threshold.level = Logger.Level(options.logLevel)
            log.notice(
                "run.adjusted",
                metadata: [
                    "rate": "\(options.rate.map { "\(Int($0))/s" } ?? "none")", "logLevel": "\(options.logLevel)",
                ])
        } catch {
            log.error("run.notAdjusted", metadata: ["error": "\(Failure.sentence(of: error))"])
        }
    }

    /// - Returns: the report, and the error that stopped the run after it had begun.
    func run() async throws -> (RunReport, (any Error)?) {
        try await signals.run { isDryRun ? try await dryRun() : try await runLocked() }
    }

    private func runLocked() async throws -> (RunReport, (any Error)?) {
        let lock = try await lock()
        let outcome = await metrics.report(while: runRemembered, status: exitStatus)
        lock.release()
        return try outcome.get()
    }

    private func exitStatus(of outcome: Result<(RunReport, (any Error)?), any Error>) -> ExitStatus {
        switch outcome {
        case .success(let (report, error)): report.exitStatus(error: error, stop: stopController.reason)
        case .failure(let error): Failure.exitStatus(of: error)
        }
    }

    private func runRemembered() async -> Result<(RunReport, (any Error)?), any Error> {
        var record = RunRecord(startedAt: Timestamp.now())
        let isRemembered = remember(record, replacesLast: false)
        // One that could not be written at first must not take the place of the run before.
        defer { _ = remember(record, replacesLast: isRemembered) }
        do {
            let (report, error) = try await runRound()
            record.end(
                at: Timestamp.now(), exitCode: report.exitStatus(error: error, stop: stopController.reason).rawValue,
                report: report)
            return .success((report, error))
        } catch {
            record.end(
                at: Timestamp.now(), exitCode: Failure.exitStatus(of: error).rawValue,
                error: Failure.sentence(of: error))
            return .failure(error)
        }
    }

    private func lock() async throws -> RunLock {
        let clock = ContinuousClock()
        let end = clock.now + patience
        var isWaiting = false
        while clock.now < end {
            if let lock = try lockIfFree() { return lock }
            if !isWaiting { log.notice("run.waiting", metadata: ["patienceSeconds": .seconds(patience)]) }
            isWaiting = true
            try await clock.sleep(for: Self.lockInterval)
        }
        return try RunLock(checkpoint: spec.run.checkpoint, startedAt: Timestamp.now())
    }

    /// nil while another run holds the job.
    private func lockIfFree() throws(CheckpointError) -> RunLock? {
        do throws(CheckpointError) {
            return try RunLock(checkpoint: spec.run.checkpoint, startedAt: Timestamp.now())
        } catch {
            guard case .locked = error else { throw error }
            return nil
        }
    }

    /// - Returns: whether it worked; what is not remembered is only missing in the list of runs.
    private func remember(_ record: RunRecord, replacesLast: Bool) -> Bool {
        do throws(CheckpointError) {
            try RunHistory(checkpoint: spec.run.checkpoint).add(record, replacesLast: replacesLast)
            return true
        } catch {
            log.warning("history.failed", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func runRound() async throws -> (RunReport, (any Error)?) {
        let file = CheckpointFile(path: spec.run.checkpoint)
        if restarts {
            try file.remove()
            if let path = spec.rejectPath { try RejectFile.setAside(path: path) }
        }
        var stored = try file.load()
        let planner = try await planner(stored)
        if let unconfirmed = stored, unconfirmed.isDone, !unconfirmed.isComplete {
            stored = try await confirmed(unconfirmed, file)
        }
        guard let stored, stored.isDone, !planner.startsRound || planner.hasNothingNew else {
            return try await load(stored, planner, file)
        }
        try CheckpointComparison(
            of: stored, with: planner.identity, collection: stored.collection, startsRound: planner.startsRound
        ).requireSameJob(checkpoint: spec.run.checkpoint)
        if planner.startsRound { await commitReached(stored) }
        metrics.follow { (RunStatistics(), stored) }
        let outcome: RunReport.Outcome = planner.startsRound ? .nothingNew : .alreadyDone
        return (report(outcome, stored, RunStatistics(), seconds: 0, startedAt: Timestamp.now()), nil)
    }

    /// Makes sure of what could not be made sure of when all was written: that the collection is the one that has it.
    ///
    /// - Returns: the checkpoint as it is stored now.
    private func confirmed(
        _ stored: CheckpointDocument, _ file: CheckpointFile
    ) async throws -> CheckpointDocument {
        let retry = Connection.retry(log, spec.run)
        let target = try await Connection.with(spec.target, log: log) { store in
            try await retry { try await TargetPlan.resumed(spec.target, in: store) }
        }
        try CheckpointComparison(
            of: stored, with: spec.identity(source: stored.job.source),
            collection: CheckpointDocument.Collection(target.schema)
        ).requireSameJob(checkpoint: spec.run.checkpoint)
        var document = stored
        document.lastError = nil
        document.updatedAt = Timestamp.now()
        try file.save(document)
        return document
    }

    private func load(
        _ stored: CheckpointDocument?, _ planner: JobPlanner, _ file: CheckpointFile
    ) async throws -> (RunReport, (any Error)?) {
        try await Connection.with(spec.target, log: log) { store in
            let plan = try await plan(planner, in: store, after: stored)
            let isNewRound = stored == nil || plan.startsRound
            if let stored {
                try CheckpointComparison(
                    of: stored, with: plan.job, collection: plan.collection, startsRound: plan.startsRound
                ).requireSameJob(checkpoint: spec.run.checkpoint)
            }
            var document =
                isNewRound
                ? plan.freshDocument(after: stored, now: Timestamp.now())
                : stored ?? plan.freshDocument(now: Timestamp.now())
            warn(plan)
            // A dump may have moved since.
            document.job.source = plan.job.source
            document.attempts += 1
            if plan.startsRound {
                // Whatever the policy is now: it may have been another one, and may be again before the round is complete.
                if let path = spec.rejectPath { try RejectFile.putAway(path: path) }
            } else if isNewRound, case .file(let path, _) = spec.record.onReject {
                try RejectFile.setAside(path: path)
            }
            let run = try JobRun(
                spec: spec, document: document, plan: plan.records, isDryRun: false, pacer: pacer,
                stopController: stopController, log: log, now: { Timestamp.now() })
            try file.save(document)
            metrics.follow { (run.statistics, run.checkpoint) }
            let outcome = await observed(run, document) { try await run.run(into: store, stored: store) }
            await commitReached(run.checkpoint)
            return outcome
        }
    }

    /// Tells the job's consumer group how far the job has come, for those who watch its lag.
    private func commitReached(_ document: CheckpointDocument) async {
        guard case .kafka(let source) = spec.source, let group = source.commitGroup else { return }
        // Whoever stops the program does not wait for brokers.
        if let reason = stopController.reason, reason != .temporarilyUnavailable { return }
        do {
            try await ReachedOffsets(document).commit(source, to: group, onEvent: log.kafkaEvents)
            log.info("kafka.committed", metadata: ["group": "\(group)"])
        } catch {
            // The rows are where they belong, and the next run commits again.
            log.warning("kafka.notCommitted", metadata: ["error": "\(Failure.sentence(of: error))"])
        }
    }

    private func warn(_ plan: JobPlan) {
        for warning in plan.warnings { log.warning("plan.warning", metadata: ["text": "\(warning)"]) }
    }

    private func planner(_ stored: CheckpointDocument?) async throws -> JobPlanner {
        let source = try await SourcePlan(
            spec.source, stored: stored.map(StoredSource.init), now: Timestamp.milliseconds(), onEvent: log.kafkaEvents)
        return JobPlanner(spec: spec, source: source)
    }

    private func plan(
        _ planner: JobPlanner, in store: any CollectionStore, after stored: CheckpointDocument?
    ) async throws -> JobPlan {
        let retry = Connection.retry(log)
        let readsRows = spec.run.ifNewer != nil
        if stored != nil {
            let target = try await retry { try await TargetPlan.resumed(spec.target, readsRows: readsRows, in: store) }
            stopController.begin()
            return try planner.plan(for: target, after: stored)
        }
        let target = try await retry { () async throws(StoreError) in
            try await TargetPlan(spec.target, readsRows: readsRows, in: store)
        }
        // A collection is made only for records that fit into it.
        _ = try planner.plan(for: target, after: nil)
        // One that is half made would stay so.
        stopController.begin()
        return try planner.plan(for: try await target.made(spec.target, in: store), after: nil)
    }

    /// A catch-up's complete round: a dry run reads what the next one would, and of any other job all.
    private func lastRound() throws(CheckpointError) -> CheckpointDocument? {
        guard spec.source.isCatchUp else { return nil }
        let stored = try CheckpointFile(path: spec.run.checkpoint).load()
        return stored?.isDone == true ? stored : nil
    }

    private func dryRun() async throws -> (RunReport, (any Error)?) {
        let last = try lastRound()
        let planner = try await planner(last)
        if let last {
            try CheckpointComparison(
                of: last, with: planner.identity, collection: last.collection, startsRound: planner.startsRound
            ).requireSameJob(checkpoint: spec.run.checkpoint)
        }
        let target: TargetPlan
        if let untouched = Connection.untouched(spec.target) {
            target = untouched
        } else {
            target = try await Connection.with(spec.target, log: log) {
                try await TargetPlan(spec.target, readsRows: spec.run.ifNewer != nil, in: $0)
            }
        }
        let plan = try planner.plan(for: target, after: last)
        warn(plan)
        stopController.begin()
        let document = plan.freshDocument(now: Timestamp.now())
        let run = try JobRun(
            spec: spec, document: document, plan: plan.records, isDryRun: true, pacer: pacer,
            stopController: stopController, log: log, now: { Timestamp.now() })
        return await observed(run, document) {
            try await run.run(into: DryRunStore(schema: target.schema), stored: nil)
        }
    }

    /// Runs with progress shown, and reports.
    private func observed(
        _ run: JobRun, _ document: CheckpointDocument, _ work: @escaping @Sendable () async throws -> Void
    ) async -> (RunReport, (any Error)?) {
        let startedAt = Timestamp.now()
        let clock = ContinuousClock()
        let start = clock.now
        log.info(
            "run.start",
            metadata: [
                "collection": "\(spec.target.collection)", "units": .number(document.units.count),
                "attempt": .number(document.attempts),
            ])
        let reporter = ProgressReporter(
            statistics: { run.statistics }, settled: \.settled, log: log, format: logFormat, total: document.size,
            before: document.settledSize)
        var fault: (any Error)?
        do {
            try await reporter.report(while: work)
        } catch {
            fault = error
        }
        let seconds = start.duration(to: clock.now) / .seconds(1)
        let checkpoint = run.checkpoint
        var outcome = RunReport.Outcome.done
        if fault != nil {
            outcome = .failed
        } else if !checkpoint.isDone {
            outcome = .interrupted
        } else if isDryRun {
            outcome = .dryRun
        } else if checkpoint.counts.rejected > 0 {
            outcome = .doneWithRejects
        }
        log.info("run.end", metadata: ["outcome": "\(outcome.rawValue)"])
        var result = report(outcome, checkpoint, run.statistics, seconds: seconds, startedAt: startedAt)
        result.error = fault.map(Failure.sentence)
        return (result, fault)
    }

    private func report(
        _ outcome: RunReport.Outcome, _ document: CheckpointDocument, _ statistics: RunStatistics, seconds: Double,
        startedAt: String
    ) -> RunReport {
        RunReport(
            job: spec.name, outcome: outcome, error: nil, startedAt: startedAt, finishedAt: Timestamp.now(),
            statistics: statistics, seconds: seconds, document: document)
    }
}
