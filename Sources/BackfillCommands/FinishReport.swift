import BackfillCore
import BackfillEngine

/// What `finish` has done.
struct FinishReport: Codable, Sendable {
    enum Outcome: String, Codable, Sendable {
        case finished, rolledBack
        /// The collection differs from the source, so the alias was not moved.
        case different
        /// Nothing could be compared, so the alias was not moved.
        case undecided
    }

    struct Index: Codable, Sendable {
        var field: String
        /// As the server counts them: a row that was replaced counts until its segment is compacted.
        var rows: Int
    }

    var job: String
    var outcome = Outcome.finished
    var collection: String
    var alias: String?
    /// The collection that the alias stood for; nil where there was no such alias.
    var aliasBefore: String?
    /// The collection that the alias stands for now.
    var aliasAfter: String?
    /// Whether the server has told that everything is in its storage; nil where it was not asked.
    var flushConfirmed: Bool?
    /// Rows that a search finds.
    var rows: Int?
    var indexes: [Index]
    /// nil where nothing was compared.
    var verification: VerifyReport?
    var seconds = 0.0

    init(_ spec: JobSpec, _ prepared: SearchPreparation<ContinuousClock, SystemRandomNumberGenerator>.Outcome?) {
        job = spec.name
        collection = spec.target.collection
        alias = spec.target.alias
        flushConfirmed = prepared?.isFlushConfirmed
        rows = prepared?.rows
        indexes = (prepared?.indexes ?? []).map { Index(field: $0.field, rows: $0.totalRows) }
    }

    mutating func compared(_ report: VerifyReport) {
        verification = report
        if report.differ { outcome = .different } else if report.isUndecided { outcome = .undecided }
    }

    mutating func moved(_ moved: AliasSwitch.Outcome?) {
        aliasBefore = moved?.before
        aliasAfter = moved?.after
    }

    var text: String {
        var lines = [headline]
        if let rows { lines.append("  rows      \(rows.grouped)") }
        lines += indexes.map { "  index     \($0.field): all \($0.rows.grouped) rows as they are stored" }
        if outcome != .rolledBack, indexes.isEmpty { lines.append("  index     none") }
        if flushConfirmed == false {
            lines.append("  flush     asked for; Milvus' RESTful API does not tell when it has ended")
        }
        if let verification { lines.append(verification.text) }
        return lines.joined(separator: "\n")
    }

    private var headline: String {
        switch (outcome, alias, aliasAfter) {
        case (.different, let alias, _):
            "`\(collection)` is loaded and indexed, and differs from the source"
                + (alias.map { ": alias `\($0)` stays where it is" } ?? "")
        case (.undecided, let alias, _):
            "`\(collection)` is loaded and indexed, and nothing of it could be compared"
                + (alias.map { ": alias `\($0)` stays where it is" } ?? "")
        case (.finished, let alias?, let after?) where aliasBefore == after:
            "done: `\(after)` is loaded and indexed, and alias `\(alias)` stands for it already"
        case (.rolledBack, let alias?, let after?) where aliasBefore == after:
            "alias `\(alias)` stands for `\(after)` already: nothing to move back"
        case (.finished, let alias?, let after?):
            "done: `\(after)` is loaded and indexed, and alias `\(alias)` stands for it now"
                + (aliasBefore.map { ", before for `\($0)` (--rollback moves it back)" }
                    ?? "; there was no such alias before")
        case (.rolledBack, let alias?, let after?):
            "moved back: alias `\(alias)` stands for `\(after)` now"
                + (aliasBefore.map { ", before for `\($0)`" } ?? "")
        default:
            "done: `\(collection)` is loaded and indexed; the job names no alias (target.milvus.alias), so none was moved"
        }
    }
}
