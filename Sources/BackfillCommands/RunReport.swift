import BackfillCore
import BackfillEngine

/// What a run did, for `--report-json` and for the summary. The counts are of this run; `units` are of the whole job.
struct RunReport: Codable, Sendable, Equatable {
    enum Outcome: String, Codable, Sendable {
        case done, alreadyDone, doneWithRejects, interrupted, failed, dryRun
    }

    struct Unit: Codable, Sendable, Equatable {
        var source: [String]
        var start: String
        var end: String
        var position: String
        var rows: Int
        var done: Bool
    }

    var job: String
    var outcome: Outcome
    var error: String?
    var startedAt: String
    var finishedAt: String
    var rowsRead: Int
    var rowsUpserted: Int
    var rowsDeleted: Int
    var rowsSuperseded: Int
    var rowsRejected: Int
    var rowsSkipped: Int
    /// Over all runs of the job.
    var rejectedInAll: Int
    /// As the source lies on disk.
    var bytesRead: Int
    var requests: Int
    var retries: Int
    /// From the first read to the last acknowledgement.
    var seconds: Double
    var rowsPerSecond: Double
    var cpuSeconds: Double
    var peakRSSBytes: Int
    var units: [Unit]

    init(
        job: String, outcome: Outcome, error: String?, startedAt: String, finishedAt: String,
        statistics: RunStatistics, seconds: Double, document: CheckpointDocument
    ) {
        let usage = ProcessUsage()
        self.job = job
        self.outcome = outcome
        self.error = error
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.rowsRead = statistics.records.read
        self.rowsUpserted = statistics.records.upserted
        self.rowsDeleted = statistics.records.deleted
        self.rowsSuperseded = statistics.records.superseded
        self.rowsRejected = statistics.records.rejected
        self.rowsSkipped = statistics.records.skipped
        self.rejectedInAll = document.counts.rejected
        self.bytesRead = statistics.bytesOnDisk
        self.requests = statistics.requests
        self.retries = statistics.retries
        self.seconds = seconds
        self.rowsPerSecond = seconds > 0 ? Double(statistics.records.read) / seconds : 0
        self.cpuSeconds = usage.cpuSeconds
        self.peakRSSBytes = usage.peakResidentBytes
        self.units = document.units.map { unit in
            let files = unit.files.map { document.job.files[$0].path }
            return Unit(
                source: files, start: "\(files.first ?? ""):1", end: files.last ?? "",
                position: document.text(of: unit.position, in: unit), rows: unit.counts.read, done: unit.isDone)
        }
    }

    /// For people.
    var summary: String {
        var lines: [String] = []
        switch outcome {
        case .done: lines.append("done: every record of the source is in the collection")
        case .alreadyDone: lines.append("the job is complete already: nothing to do (--restart begins anew)")
        case .doneWithRejects: lines.append("done, and some records were rejected: see the reject file")
        case .interrupted: lines.append("interrupted: run the same command again to go on")
        case .failed: lines.append("failed: run the same command again to go on")
        case .dryRun: lines.append("dry run: everything was read and decoded, nothing was written")
        }
        guard outcome != .alreadyDone else {
            let rejected = rejectedInAll > 0 ? "; \(rejectedInAll.grouped) records stand in the reject file" : ""
            return lines[0] + rejected
        }
        lines.append(
            "  records   \(rowsRead.grouped) read, \(rowsUpserted.grouped) upserted, \(rowsDeleted.grouped) deleted, "
                + "\(rowsSuperseded.grouped) superseded, \(rowsRejected.grouped) rejected"
                + (rowsSkipped > 0 ? ", \(rowsSkipped.grouped) skipped" : ""))
        lines.append(
            "  speed     \(Int(rowsPerSecond).grouped) records/s over \(seconds.rounded(to: 1)) s; "
                + "\(requests.grouped) requests, \(retries.grouped) retries")
        lines.append(
            "  used      \(cpuSeconds.rounded(to: 1)) s of CPU, \(peakRSSBytes.asBytes) of memory at most, "
                + "\(bytesRead.asBytes) read")
        return lines.joined(separator: "\n")
    }
}

extension CheckpointDocument {
    /// A place in a unit, for people.
    func text(of position: DumpPosition, in unit: Unit) -> String {
        guard unit.files.indices.contains(position.file) else { return "the end" }
        return "\(job.files[unit.files[position.file]].path):\(position.line)"
    }
}
