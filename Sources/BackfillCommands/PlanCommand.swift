import ArgumentParser
import BackfillCore
import BackfillEngine
import Checkpoints
import RowDecoding

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what a run would do: what is read, and where every field comes from. Writes nothing.",
        usage: "milvus-backfill plan [<options>] <job>",
        discussion: """
            EXAMPLES
              milvus-backfill plan job.yaml
              milvus-backfill plan job.yaml --from -24h --to latest --json
            """)

    @OptionGroup var options: JobOptions
    @OptionGroup var ranges: RangeOptions
    @OptionGroup var logging: LogOptions

    func run() async throws {
        try await Failure.reported(json: options.json) {
            let spec = try options.spec(ranges: ranges.overrides, flags: logging.flags)
            let log = logging.logger(job: spec.name, threshold: LogThreshold(spec.run.logLevel))
            let stored = try CheckpointFile(path: spec.run.checkpoint).load()
            let source = try await SourcePlan(
                spec.source, stored: stored.map(StoredSource.init), now: Timestamp.milliseconds(),
                onEvent: log.kafkaEvents)
            let planner = JobPlanner(spec: spec, source: source)
            let plan: JobPlan
            if stored == nil, let untouched = Connection.untouched(spec.target) {
                plan = try planner.plan(for: untouched, after: nil)
            } else {
                plan = try await Connection.with(spec.target, log: log) { store in
                    let isUnderWay = stored.map { !$0.isComplete || source.startsRound } ?? false
                    let target =
                        try await isUnderWay
                        ? TargetPlan.resumed(spec.target, readsRows: spec.run.ifNewer != nil, in: store)
                        : TargetPlan(spec.target, readsRows: spec.run.ifNewer != nil, in: store)
                    return try planner.plan(for: target, after: stored)
                }
            }
            if let stored {
                // A complete job is not looked for in the cluster or on the server.
                let isComplete = stored.isComplete && !source.startsRound
                try CheckpointComparison(
                    of: stored, with: plan.job, collection: isComplete ? stored.collection : plan.collection,
                    startsRound: source.startsRound
                ).requireSameJob(checkpoint: spec.run.checkpoint)
            }
            let report = PlanReport(spec: spec, plan: plan, stored: stored)
            print(options.json ? JSONText.page(report) : report.text)
            return .done
        }
    }
}
