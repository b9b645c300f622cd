import BackfillCore
import BackfillEngine
import Foundation
import Verification

/// What `verify` found.
struct VerifyReport: Codable, Sendable {
    struct Example: Codable, Sendable {
        var difference: Differences.Kind
        var key: String
        /// Of the record that says what should be there; nil for an unexpected key.
        var place: String?
    }

    /// Of a sample.
    struct Sample: Codable, Sendable {
        var seed: UInt64
        /// Keys that were drawn from the source and compared, and about how many it has.
        var sourceKeys: Int
        var estimatedSourceKeys: Int
        /// Keys that were drawn from the collection, and about how many it has.
        var collectionKeys: Int
        var estimatedCollectionKeys: Int
        /// With this confidence the shares below are not exceeded.
        var confidence: Double
        /// Of the source's keys those that differ.
        var differingShare: Double
        /// Of the collection's keys those that are unexpected.
        var unexpectedShare: Double
    }

    /// A file of messages that mend the differences.
    struct Mending: Codable, Sendable {
        var path: String
        var messages: Int
        /// Whether there are more differences than the file holds.
        var isCut: Bool
        /// Those of them that delete a key.
        var tombstones: Int
        /// Unexpected keys that no tombstone of this job deletes.
        var undeletable: Int
    }

    var job: String
    var collection: String
    var differ: Bool
    /// The job is not complete, and what it has not settled yet was not compared.
    var unfinished: Bool
    var keysChecked: Int
    var missing: Int
    var stale: Int
    var unexpected: Int
    /// Keys of which nothing tells what should be there: the server refused their last record, or it is not settled yet.
    var undecided: Int
    /// Records of the source that make no row; nothing is expected of them.
    var rejectedRecords: Int
    var recordsRead = 0
    var recordsSkipped = 0
    /// Offsets whose messages are not there any more; where there are some, no key without a record is unexpected.
    var offsetsLost: Int
    /// Messages that were compacted away since the job read them; the same holds for them.
    var offsetsCompacted: Int
    /// nil where all keys were compared.
    var sample: Sample?
    /// The first of the differences.
    var examples: [Example]
    /// nil where there is nothing to mend.
    var mending: Mending?
    /// Why there is no such file although something differs.
    var mendingError: String?
    var seconds = 0.0
    var cpuSeconds = 0.0
    var peakRSSBytes = 0

    init(
        _ spec: JobSpec, _ scope: VerifyRun.Scope, _ outcome: VerifyOutcome, _ document: CheckpointDocument,
        isUnfinished: Bool
    ) {
        let differences = outcome.differences
        job = spec.name
        collection = spec.target.collection
        differ = differences.count > 0
        unfinished = isUnfinished
        keysChecked = differences.checked
        missing = differences.missing
        stale = differences.stale
        unexpected = differences.unexpected
        undecided = differences.undecided
        rejectedRecords = outcome.rejectedRecords
        offsetsLost = outcome.lostOffsets
        offsetsCompacted = outcome.compactedOffsets
        if case .sample(let seed) = scope, let drawn = outcome.sample { sample = Sample(seed, drawn, differences) }
        examples = differences.examples.map { example in
            Example(
                difference: example.kind, key: "\(example.key)",
                place: example.place.map { document.text(of: $0) })
        }
    }

    /// Whether nothing could be compared.
    var isUndecided: Bool { keysChecked == 0 && undecided > 0 }

    mutating func mended(by messages: Int, in path: String, of differences: Differences) {
        mending = Mending(
            path: path, messages: messages, isCut: differences.isCut, tombstones: messages - differences.records.count,
            undeletable: differences.records.count + differences.unexpectedKeys.count - messages)
    }

    mutating func finish(_ statistics: RunStatistics, seconds: Double) {
        let usage = ProcessUsage()
        recordsRead = statistics.records.read
        recordsSkipped = statistics.records.skipped
        self.seconds = seconds
        cpuSeconds = usage.cpuSeconds
        peakRSSBytes = usage.peakResidentBytes
    }
}

extension VerifyReport.Sample {
    init(_ seed: UInt64, _ drawn: VerifyOutcome.Sample, _ differences: Differences) {
        self.init(
            seed: seed, sourceKeys: drawn.sourceKeys, estimatedSourceKeys: drawn.estimatedSourceKeys,
            collectionKeys: drawn.collectionKeys, estimatedCollectionKeys: drawn.estimatedCollectionKeys,
            confidence: DifferenceBound.confidence,
            differingShare: DifferenceBound.share(differences: drawn.sourceDifferences, of: drawn.sourceKeys),
            unexpectedShare: DifferenceBound.share(differences: differences.unexpected, of: drawn.collectionKeys))
    }
}

extension VerifyReport {
    /// For people.
    var text: String {
        var lines = [heading]
        if unfinished {
            lines.append("  unfinished  the job is not complete: only what it has settled was compared")
        }
        lines += checkedLines
        lines.append(
            "  found     \(missing.grouped) missing, \(stale.grouped) stale, \(unexpected.grouped) unexpected")
        lines += leftOutLines
        lines += examples.map { example in
            "            \(example.difference.rawValue) `\(Self.printable(example.key))`"
                + (example.place.map { " of \($0)" } ?? "")
        }
        if let mending { lines += Self.lines(mending) }
        if let mendingError { lines.append("  mending   there is no file that mends this: \(mendingError)") }
        lines.append(
            "  used      \(seconds.rounded(to: 1)) s, \(cpuSeconds.rounded(to: 1)) s of CPU, \(peakRSSBytes.asBytes) of "
                + "memory at most; \(recordsRead.grouped) records read")
        return lines.joined(separator: "\n")
    }

    /// Without what would do something to a terminal.
    private static func printable(_ key: String) -> String {
        String(
            String.UnicodeScalarView(
                key.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
    }

    private var heading: String {
        if isUndecided { return "undecided: of no key it is known what the collection should hold" }
        guard differ else {
            return sample == nil
                ? "equal: the collection holds what the source says" : "equal as far as the sample goes"
        }
        return "different: the collection does not hold what the source says"
    }

    private var checkedLines: [String] {
        guard let sample else { return ["  checked   all \(keysChecked.grouped) keys"] }
        let percent = { (share: Double) in (100 * share).rounded(to: 3) }
        return [
            "  checked   \(sample.sourceKeys.grouped) keys of about \(sample.estimatedSourceKeys.grouped) in the source, and "
                + "\(sample.collectionKeys.grouped) of about \(sample.estimatedCollectionKeys.grouped) in the collection "
                + "(--seed \(sample.seed))",
            "  bound     with \(Int(100 * sample.confidence)) % confidence at most \(percent(sample.differingShare)) % of the "
                + "source's keys differ, and with the same confidence at most \(percent(sample.unexpectedShare)) % of the "
                + "collection's keys are unexpected",
        ]
    }

    private var leftOutLines: [String] {
        var parts: [String] = []
        if rejectedRecords > 0 { parts.append("\(rejectedRecords.grouped) records that make no row") }
        if recordsSkipped > 0 { parts.append("\(recordsSkipped.grouped) tombstones that the job skips") }
        if undecided > 0 {
            parts.append(
                "\(undecided.grouped) keys of which nothing tells what should be there (refused by the server, not settled yet, "
                    + "or perhaps among messages that are gone)")
        }
        if offsetsLost > 0 { parts.append("\(offsetsLost.grouped) offsets whose messages were lost") }
        if offsetsCompacted > 0 { parts.append("\(offsetsCompacted.grouped) messages that were compacted away") }
        return parts.isEmpty ? [] : ["  left out  " + parts.joined(separator: ", ")]
    }

    private static func lines(_ mending: Mending) -> [String] {
        var lines = [
            "  mending   \(mending.messages.grouped) messages in \(mending.path): run a job with them as source.dump.paths, "
                + "and with the same record and target"
        ]
        if mending.tombstones > 0 {
            lines.append(
                "            \(mending.tombstones.grouped) of them delete rows that no record of the source leaves there: do not load "
                    + "them where others fill the collection too")
        }
        if mending.isCut { lines.append("            there are more differences: verify again after that") }
        if mending.undeletable > 0 {
            lines.append(
                "            \(mending.undeletable.grouped) unexpected keys stay: this job deletes none by tombstones")
        }
        return lines
    }
}

extension CheckpointDocument {
    fileprivate func text(of place: RecordPlace) -> String {
        let unit = units[place.unit]
        switch unit.extent {
        case .files:
            var line = DumpPosition.start(ofFile: place.file)
            line.line = Int(place.record)
            return text(of: .line(line), in: unit)
        case .partition: return text(of: .offset(place.record), in: unit)
        }
    }
}
