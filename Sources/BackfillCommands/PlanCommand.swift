import ArgumentParser
import BackfillCore
import BackfillEngine
import Checkpoints
import RowDecoding

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what a run would do: files, units, and where every field comes from. Writes nothing.")

    @OptionGroup var options: JobOptions

    func run() async throws {
        try await Failure.reported(json: options.json) {
            let spec = try options.spec()
            let stored = try CheckpointFile(path: spec.run.checkpoint).load()
            let planner = try JobPlanner(spec: spec)
            let plan: JobPlan
            if let schema = Connection.schemaOfUntouchedTarget(spec.target) {
                plan = try planner.plan(for: schema)
            } else {
                plan = try await Connection.with(spec.target) { store in
                    try planner.plan(
                        for: try await Connection.schema(of: spec.target, in: store, createsMissing: false))
                }
            }
            let report = PlanReport(spec: spec, plan: plan, stored: stored)
            print(options.json ? JSONText.page(report) : report.text)
            return .done
        }
    }
}

/// What a run would do.
struct PlanReport: Codable, Sendable {
    struct File: Codable, Sendable {
        var path: String
        var bytes: Int
    }

    var job: String
    var collection: String
    var envelope: DumpSource.Envelope
    var order: DumpSource.Order
    var files: [File]
    var bytes: Int
    /// One line for each field of the collection.
    var fields: [String]
    var lanes: Int
    var batchRows: Int
    /// Where the next run would begin: at the beginning, somewhere, or nowhere.
    var checkpoint: String

    init(spec: JobSpec, plan: JobPlan, stored: CheckpointDocument?) {
        job = spec.name
        collection = plan.schema.name
        envelope = plan.job.envelope
        order = plan.job.order
        files = plan.job.files.map { File(path: $0.path, bytes: $0.size) }
        bytes = files.reduce(0) { $0 + $1.bytes }
        fields = plan.records.summary
        lanes = spec.run.lanes ?? JobRun.defaultLanes
        batchRows = spec.run.batchRows
        switch stored {
        case nil: checkpoint = "none: the run begins at the beginning"
        case .some(let document) where document.isDone: checkpoint = "complete: the run has nothing to do"
        case .some(let document):
            checkpoint = "the run goes on after \(document.counts.read.grouped) records"
        }
    }

    var text: String {
        var lines = ["job \(job) into collection \(collection)"]
        lines.append(
            "source    \(files.count) files, \(bytes.asBytes), envelope \(envelope.rawValue), order \(order.rawValue)")
        lines += files.map { "            \($0.path)  \($0.bytes.asBytes)" }
        lines.append("fields")
        lines += fields.map { "            \($0)" }
        lines.append("run       \(lanes) lanes, batches of \(batchRows.grouped) rows")
        lines.append("checkpoint  \(checkpoint)")
        if order == .sequence, files.count > 1 {
            lines.append("order     a record of a later file replaces one of an earlier file")
        }
        return lines.joined(separator: "\n")
    }
}
