import BackfillCore
import BackfillEngine

/// What `finish` has done.
struct FinishReport: Codable, Sendable, Equatable {
    enum Outcome: String, Codable, Sendable {
        case finished, rolledBack
    }

    struct Index: Codable, Sendable, Equatable {
        var field: String
        /// As the server counts them: a row that was replaced counts until its segment is compacted.
        var rows: Int
    }

    var job: String
    var outcome: Outcome
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
    var seconds: Double

    init(
        _ spec: JobSpec, _ outcome: Outcome, _ moved: AliasSwitch.Outcome?,
        _ prepared: SearchPreparation<ContinuousClock, SystemRandomNumberGenerator>.Outcome?, seconds: Double
    ) {
        job = spec.name
        self.outcome = outcome
        collection = spec.target.collection
        alias = spec.target.alias
        aliasBefore = moved?.before
        aliasAfter = moved?.after
        flushConfirmed = prepared?.isFlushConfirmed
        rows = prepared?.rows
        indexes = (prepared?.indexes ?? []).map { Index(field: $0.field, rows: $0.totalRows) }
        self.seconds = seconds
    }

    var text: String {
        var lines = [headline]
        if let rows { lines.append("  rows      \(rows.grouped)") }
        lines += indexes.map { "  index     \($0.field): all \($0.rows.grouped) rows as they are stored" }
        if outcome == .finished, indexes.isEmpty { lines.append("  index     none") }
        if flushConfirmed == false {
            lines.append("  flush     asked for; Milvus' RESTful API does not tell when it has ended")
        }
        return lines.joined(separator: "\n")
    }

    private var headline: String {
        switch (outcome, alias, aliasAfter) {
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
