import ArgumentParser
import BackfillCore
import BackfillEngine
import Checkpoints

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how far a job is, from its checkpoint alone.",
        usage: "milvus-backfill status [<options>] <job>",
        discussion: """
            EXAMPLES
              milvus-backfill status job.yaml
              milvus-backfill status job.yaml --history
            """)

    @OptionGroup var options: JobOptions

    @Flag(help: "Show the last runs of the job instead, oldest first.")
    var history = false

    func run() async throws {
        try await Failure.reported(json: options.json) {
            let spec = try options.spec()
            if history { return try showHistory(spec) }
            guard let document = try CheckpointFile(path: spec.run.checkpoint).load() else {
                print(options.json ? "{\"state\":\"new\"}" : "the job has not run yet (no \(spec.run.checkpoint))")
                return .done
            }
            let report = StatusReport(document)
            print(options.json ? JSONText.page(report) : report.text)
            return .done
        }
    }

    private func showHistory(_ spec: JobSpec) throws -> ExitStatus {
        let (records, unreadable) = try RunHistory<RunRecord>(checkpoint: spec.run.checkpoint).load()
        if options.json {
            print(JSONText.page(records))
        } else if records.isEmpty {
            print("no run is remembered (no \(spec.run.checkpoint).history)")
        } else {
            print(records.map(\.text).joined(separator: "\n"))
        }
        if unreadable > 0 {
            StandardError.write(
                "milvus-backfill: \(unreadable) lines of \(spec.run.checkpoint).history are of another version, or "
                    + "damaged, and not shown\n")
        }
        return .done
    }
}

/// How far a job is.
struct StatusReport: Codable, Sendable {
    struct Unit: Codable, Sendable {
        var number: Int
        var position: String
        var percent: Double
        var records: Int
        var rejected: Int
        /// Offsets whose messages were lost before they could be read.
        var gaps: [OffsetRange]
        var done: Bool
    }

    var state: String
    /// More than 1 for a catch-up alone.
    var round: Int
    var attempts: Int
    var updatedAt: String
    var counts: RecordCounts
    var lastError: String?
    var units: [Unit]

    init(_ document: CheckpointDocument) {
        state = document.isComplete ? "done" : "unfinished"
        round = document.round
        attempts = document.attempts
        updatedAt = document.updatedAt
        counts = document.counts
        lastError = document.lastError
        units = document.units.enumerated().map { index, unit in
            let size = document.size(of: unit)
            return Unit(
                number: index + 1, position: document.text(of: unit.position, in: unit),
                percent: size == 0 || unit.isDone ? 100 : 100 * Double(document.settledSize(of: unit)) / Double(size),
                records: unit.counts.read, rejected: unit.counts.rejected, gaps: unit.gaps, done: unit.isDone)
        }
    }

    var text: String {
        let what = round > 1 ? "round \(round) \(state)" : state
        var lines = ["\(what) after \(attempts) \(attempts == 1 ? "run" : "runs"), last written \(updatedAt)"]
        lines.append(
            "records   \(counts.read.grouped) read, \(counts.upserted.grouped) upserted, \(counts.deleted.grouped) deleted, "
                + "\(counts.superseded.grouped) superseded, \(counts.rejected.grouped) rejected"
                + (counts.newer > 0 ? ", \(counts.newer.grouped) left as they are newer" : ""))
        lines += units.map { unit in
            "unit \(unit.number)    \(unit.percent.rounded(to: 1)) %  next \(unit.position)"
                + (unit.gaps.isEmpty ? "" : "  lost offsets \(unit.gaps.map(\.description).joined(separator: ", "))")
        }
        if let lastError { lines.append("last error  \(lastError)") }
        return lines.joined(separator: "\n")
    }
}
