import BackfillCore
import BackfillEngine
import RowDecoding

/// What a run would do.
struct PlanReport: Codable, Sendable {
    struct File: Codable, Sendable {
        var path: String
        var bytes: Int
    }

    struct Partition: Codable, Sendable {
        var topic: String
        var partition: Int32
        var ranges: [OffsetRange]
        /// Offsets that the job asks for and the log does not hold any more.
        var gaps: [OffsetRange]

        /// Offsets that are there to be read.
        var offsets: Int { Int(ranges.reduce(0) { $0 + $1.count } - gaps.reduce(0) { $0 + $1.count }) }
    }

    struct Dump: Codable, Sendable {
        var envelope: DumpSource.Envelope
        var order: DumpSource.Order
        var files: [File]
        var bytes: Int
    }

    struct Kafka: Codable, Sendable {
        var cluster: String?
        var partitions: [Partition]
        /// At most so many messages: compaction and transactions leave offsets without one.
        var offsets: Int
        /// From the size of the first messages; nil where there are none.
        var estimatedBytes: Int?
    }

    var job: String
    var collection: String
    var partition: String?
    var dump: Dump?
    var kafka: Kafka?
    /// One line for each field of the collection.
    var fields: [String]
    var lanes: Int
    var batchRows: Int
    /// Where the next run would begin: at the beginning, somewhere, or nowhere.
    var checkpoint: String
    /// What is worth knowing and stops nothing.
    var warnings: [String]

    init(spec: JobSpec, plan: JobPlan, stored: CheckpointDocument?) {
        job = spec.name
        collection = plan.schema.name
        partition = spec.target.partition
        switch plan.job.source {
        case .dump(let files, let envelope, let order):
            dump = Dump(
                envelope: envelope, order: order, files: files.map { File(path: $0.path, bytes: $0.size) },
                bytes: files.reduce(0) { $0 + $1.size })
        case .kafka(let cluster, _):
            let partitions = plan.units.compactMap(Partition.init)
            let offsets = partitions.reduce(0) { $0 + $1.offsets }
            kafka = Kafka(
                cluster: cluster, partitions: partitions, offsets: offsets,
                estimatedBytes: plan.bytesPerMessage.map { $0 * offsets })
        }
        fields = plan.records.summary
        lanes = spec.run.lanes ?? JobRun.defaultLanes
        batchRows = spec.run.batchRows
        warnings = plan.warnings
        switch stored {
        case nil: checkpoint = "none: the run begins at the beginning"
        case .some(let document) where plan.startsRound:
            checkpoint =
                plan.hasNothingNew
                ? "nothing new since round \(document.round)"
                : "round \(document.round + 1) begins where the last one ended"
        case .some(let document) where document.isDone: checkpoint = "complete: the run has nothing to do"
        case .some(let document):
            checkpoint = "the run goes on after \(document.counts.read.grouped) records"
        }
    }

    var text: String {
        var lines = ["job \(job) into collection \(collection)" + (partition.map { ", partition \($0)" } ?? "")]
        if let dump { lines += Self.lines(dump) }
        if let kafka { lines += Self.lines(kafka) }
        lines.append("fields")
        lines += fields.map { "            \($0)" }
        lines.append("run       \(lanes) lanes, batches of \(batchRows.grouped) rows")
        lines.append("checkpoint  \(checkpoint)")
        lines += warnings.map { "warning   \($0)" }
        return lines.joined(separator: "\n")
    }

    private static func lines(_ dump: Dump) -> [String] {
        let source =
            "source    \(dump.files.count) files, \(dump.bytes.asBytes), envelope \(dump.envelope.rawValue), "
            + "order \(dump.order.rawValue)"
        let order = "order     a record of a later file replaces one of an earlier file"
        return [source] + dump.files.map { "            \($0.path)  \($0.bytes.asBytes)" }
            + (dump.order == .sequence && dump.files.count > 1 ? [order] : [])
    }

    private static func lines(_ kafka: Kafka) -> [String] {
        let source =
            "source    \(kafka.partitions.count) partitions, at most \(kafka.offsets.grouped) messages"
            + (kafka.estimatedBytes.map { ", about \($0.asBytes)" } ?? "")
        let partitions = kafka.partitions.map { partition in
            "            \(partition.topic)-\(partition.partition)  "
                + partition.ranges.map(\.description).joined(separator: ", ")
                + (partition.gaps.isEmpty ? "" : "  lost \(partition.gaps.map(\.description).joined(separator: ", "))")
        }
        let order =
            "order     a later message of a partition replaces an earlier one; between partitions there is no order, so "
            + "all messages of a key should be in one"
        return [source] + partitions + (kafka.partitions.count > 1 ? [order] : [])
    }
}

extension PlanReport.Partition {
    /// nil for a unit of files.
    fileprivate init?(_ unit: CheckpointDocument.Unit) {
        guard case .partition(let topic, let number, let ranges) = unit.extent else { return nil }
        self.init(topic: topic, partition: number, ranges: ranges, gaps: unit.gaps)
    }
}
