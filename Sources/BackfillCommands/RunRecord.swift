import Foundation

/// One run in a job's history.
struct RunRecord: Codable, Sendable {
    var startedAt: String
    /// nil while the run goes on, and for one that was killed.
    var finishedAt: String?
    var exitCode: Int32?
    /// Why the run failed before it could read anything.
    var error: String?
    /// nil for a run that could not read anything.
    var report: RunReport?

    /// - Parameter report: kept without the units of which the round has nothing to read.
    mutating func end(at time: String, exitCode: Int32, error: String? = nil, report: RunReport? = nil) {
        finishedAt = time
        self.exitCode = exitCode
        self.error = error
        self.report = report
        self.report?.units.removeAll { $0.start == $0.end }
    }

    /// For people: a line, and one more where something went wrong.
    var text: String {
        let what =
            switch (report, exitCode) {
            case (let report?, _): "round \(report.round)  \(report.outcome.rawValue)\(Self.counts(of: report))"
            case (nil, nil): "killed, or still running"
            case (nil, _): "failed"
            }
        let reason = (error ?? report?.error).map { "\n    \($0)" } ?? ""
        return "\(startedAt.prefix(19))Z  \(exitCode.map { "exit \($0)" } ?? "-")  \(what)\(reason)"
    }

    /// Only what there is, so that the line is short.
    private static func counts(of report: RunReport) -> String {
        let counts = [
            (report.rowsRead, "read"), (report.rowsUpserted, "upserted"), (report.rowsDeleted, "deleted"),
            (report.rowsRejected, "rejected"),
        ].filter { $0.0 > 0 }
        return counts.isEmpty ? "" : "  " + counts.map { "\($0.0.grouped) \($0.1)" }.joined(separator: ", ")
    }
}
