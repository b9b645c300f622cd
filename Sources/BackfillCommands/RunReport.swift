import BackfillCore
import BackfillEngine

/// What a run did, for `--report-json` and for the summary. The counts are of this run; `units` are of the whole job.
struct RunReport: Codable, Sendable, Equatable {
    enum Outcome: String, Codable, Sendable {
        case done, alreadyDone, nothingNew, doneWithRejects, interrupted, failed, dryRun
    }

    struct Unit: Codable, Sendable, Equatable {
        var source: [String]
        var start: String
        var end: String
        var position: String
        var rows: Int
        /// Offsets whose messages were lost before they could be read.
        var gaps: [OffsetRange]
        var done: Bool
    }

    var job: String
    var outcome: Outcome
    /// Which time the job was planned; more than 1 for a catch-up alone.
    var round: Int
    var error: String?
    var startedAt: String
    var finishedAt: String
    var rowsRead: Int
    var rowsUpserted: Int
    var rowsDeleted: Int
    var rowsSuperseded: Int
    var rowsRejected: Int
    /// Left out because the stored row is newer.
    var rowsNewer: Int
    var rowsSkipped: Int
    /// Offsets of the ranges that hold no message: compacted ones, markers of transactions, aborted messages.
    var offsetsAbsent: Int
    /// Over all runs of the job's round.
    var rejectedInAll: Int
    /// Offsets whose messages were lost before they could be read, over all runs of the job's round.
    var offsetsLostInAll: Int
    /// As a dump lies on disk; for messages the bytes of keys, values and headers.
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
        self.round = document.round
        self.error = error
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.rowsRead = statistics.records.read
        self.rowsUpserted = statistics.records.upserted
        self.rowsDeleted = statistics.records.deleted
        self.rowsSuperseded = statistics.records.superseded
        self.rowsRejected = statistics.records.rejected
        self.rowsNewer = statistics.records.newer
        self.rowsSkipped = statistics.records.skipped
        self.offsetsAbsent = statistics.records.absent
        self.offsetsLostInAll = document.lostOffsets
        self.rejectedInAll = document.counts.rejected
        self.bytesRead = statistics.bytesRead
        self.requests = statistics.requests
        self.retries = statistics.retries
        self.seconds = seconds
        self.rowsPerSecond = seconds > 0 ? Double(statistics.records.read) / seconds : 0
        self.cpuSeconds = usage.cpuSeconds
        self.peakRSSBytes = usage.peakResidentBytes
        self.units = document.units.map { unit in
            Unit(
                source: document.sources(of: unit), start: document.start(of: unit), end: document.end(of: unit),
                position: document.text(of: unit.position, in: unit), rows: unit.counts.read, gaps: unit.gaps,
                done: unit.isDone)
        }
    }

    /// The summary, with what became of the run in colour where the terminal has some.
    func summary(in style: TerminalStyle) -> String {
        let summary = summary
        let end = summary.firstIndex(of: ":") ?? summary.endIndex
        return style.painted(summary[..<end], outcome.color) + summary[end...]
    }

    /// For people.
    var summary: String {
        var lines: [String] = []
        switch outcome {
        case .done:
            lines.append(
                offsetsLostInAll == 0
                    ? "done: every record of the source is in the collection"
                    : "done: every record that the source still has is in the collection")
        case .alreadyDone: lines.append("the job is complete already: nothing to do (--restart begins anew)")
        case .nothingNew: return "nothing new: round \(round) has read everything up to the ends of the ranges"
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
                + (rowsNewer > 0 ? ", \(rowsNewer.grouped) left as they are newer" : "")
                + (rowsSkipped > 0 ? ", \(rowsSkipped.grouped) skipped" : ""))
        if offsetsAbsent > 0 {
            lines.append("  absent    \(offsetsAbsent.grouped) offsets hold no message (compaction, transactions)")
        }
        for unit in units where !unit.gaps.isEmpty {
            let gaps = unit.gaps.map(\.description).joined(separator: ", ")
            lines.append("  lost      \(unit.source.joined(separator: ", ")): offsets \(gaps)")
        }
        lines.append(
            "  speed     \(Int(rowsPerSecond).grouped) records/s over \(seconds.rounded(to: 1)) s; "
                + "\(requests.grouped) requests, \(retries.grouped) retries")
        lines.append(
            "  used      \(cpuSeconds.rounded(to: 1)) s of CPU, \(peakRSSBytes.asBytes) of memory at most, "
                + "\(bytesRead.asBytes) read")
        return lines.joined(separator: "\n")
    }
}

extension RunReport.Outcome {
    fileprivate var color: TerminalStyle.Color? {
        switch self {
        case .done: .green
        case .doneWithRejects, .interrupted: .yellow
        case .failed: .red
        case .alreadyDone, .nothingNew, .dryRun: nil
        }
    }
}

extension CheckpointDocument {
    /// The files or the partition of a unit.
    fileprivate func sources(of unit: Unit) -> [String] {
        switch unit.extent {
        case .files(let indexes): indexes.map { job.files[$0].path }
        case .partition(let topic, let number, _): ["\(topic)-\(number)"]
        }
    }

    fileprivate func start(of unit: Unit) -> String {
        switch unit.extent {
        case .files: "\(sources(of: unit).first ?? ""):1"
        case .partition(_, _, let ranges): "\(ranges.first?.start ?? 0)"
        }
    }

    fileprivate func end(of unit: Unit) -> String {
        switch unit.extent {
        case .files: sources(of: unit).last ?? ""
        case .partition(_, _, let ranges): "\(ranges.last?.end ?? 0)"
        }
    }
}
