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
    let log: Logger
    let logFormat: LogFormat
    let threshold: LogThreshold
    let window: TimeWindow
    /// Reads the job file's run options as they are now.
    let reread: @Sendable () throws -> RunOptions
    let stopController = StopController()
    private let pacer: RatePacer

    init(
        spec: JobSpec, isDryRun: Bool, restarts: Bool, log: Logger, logFormat: LogFormat, threshold: LogThreshold,
        window: TimeWindow, reread: @escaping @Sendable () throws -> RunOptions
    ) {
        self.spec = spec
        self.isDryRun = isDryRun
        self.restarts = restarts
        self.log = log
        self.logFormat = logFormat
        self.threshold = threshold
        self.window = window
        self.reread = reread
        self.pacer = RatePacer(rowsPerSecond: spec.run.rate)
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
        guard !isDryRun else { return try await signals.run { try await dryRun() } }
        let lock = try RunLock(checkpoint: spec.run.checkpoint, startedAt: Timestamp.now())
        let file = CheckpointFile(path: spec.run.checkpoint)
        if restarts {
            try file.remove()
            if case .file(let path, _) = spec.record.onReject { try RejectFile.setAside(path: path) }
        }
        let stored = try file.load()
        let planner = try await planner(stored)
        let outcome: (RunReport, (any Error)?)
        if let stored, stored.isDone {
            try CheckpointComparison(of: stored, with: planner.identity, collection: stored.collection)
                .requireSameJob(checkpoint: spec.run.checkpoint)
            outcome = (report(.alreadyDone, stored, RunStatistics(), seconds: 0, startedAt: Timestamp.now()), nil)
        } else {
            outcome = try await signals.run { try await load(stored, planner, file) }
        }
        lock.release()
        return outcome
    }

    private func load(
        _ stored: CheckpointDocument?, _ planner: JobPlanner, _ file: CheckpointFile
    ) async throws -> (RunReport, (any Error)?) {
        try await Connection.with(spec.target, log: log) { store in
            let plan = try await plan(planner, in: store, isResumed: stored != nil)
            var document = stored ?? plan.freshDocument(now: Timestamp.now())
            try CheckpointComparison(of: document, with: plan.job, collection: plan.collection)
                .requireSameJob(checkpoint: spec.run.checkpoint)
            warn(plan)
            // A dump may have moved since.
            document.job.source = plan.job.source
            document.attempts += 1
            if stored == nil, case .file(let path, _) = spec.record.onReject { try RejectFile.setAside(path: path) }
            let run = try JobRun(
                spec: spec, document: document, plan: plan.records, isDryRun: false, pacer: pacer,
                stopController: stopController, log: log, now: { Timestamp.now() })
            try file.save(document)
            return await observed(run, document) { try await run.run(into: store) }
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

    private func plan(_ planner: JobPlanner, in store: any CollectionStore, isResumed: Bool) async throws -> JobPlan {
        let retry = Connection.retry(log)
        if isResumed {
            let target = try await retry { try await TargetPlan.resumed(spec.target, in: store) }
            stopController.begin()
            return try planner.plan(for: target, isResumed: true)
        }
        let target = try await retry { () async throws(StoreError) in
            try await TargetPlan(spec.target, in: store)
        }
        // A collection is made only for records that fit into it.
        _ = try planner.plan(for: target, isResumed: false)
        // One that is half made would stay so.
        stopController.begin()
        return try planner.plan(for: try await target.made(spec.target, in: store), isResumed: false)
    }

    private func dryRun() async throws -> (RunReport, (any Error)?) {
        let planner = try await planner(nil)
        let target: TargetPlan
        if let untouched = Connection.untouched(spec.target) {
            target = untouched
        } else {
            target = try await Connection.with(spec.target, log: log) { try await TargetPlan(spec.target, in: $0) }
        }
        let plan = try planner.plan(for: target, isResumed: false)
        warn(plan)
        stopController.begin()
        let document = plan.freshDocument(now: Timestamp.now())
        let run = try JobRun(
            spec: spec, document: document, plan: plan.records, isDryRun: true, pacer: pacer,
            stopController: stopController, log: log, now: { Timestamp.now() })
        return await observed(run, document) { try await run.run(into: DryRunStore(schema: target.schema)) }
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
                "collection": "\(spec.target.collection)", "units": "\(document.units.count)",
                "attempt": "\(document.attempts)",
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
