import BackfillCore
import BackfillEngine
import DumpWriter

/// What a dump holds, and what one run of the command did. `partitions` are of the whole dump.
struct DumpReport: Codable, Sendable {
    struct Partition: Codable, Sendable {
        var topic: String
        var partition: Int32
        var ranges: [OffsetRange]
        var nextOffset: Int64
        var messages: Int
        var absent: Int
        var gaps: [OffsetRange]
        var files: [String]
        var bytes: Int
        var done: Bool
    }

    var folder: String
    var done: Bool
    /// Whether an earlier run had written everything.
    var wasDone: Bool
    /// By this run.
    var messagesRead: Int
    var seconds: Double
    var partitions: [Partition]

    init(_ manifest: DumpManifest, wasDone: Bool, folder: String, statistics: RunStatistics, seconds: Double) {
        self.folder = folder
        self.done = manifest.isDone
        self.wasDone = wasDone
        self.messagesRead = statistics.records.read
        self.seconds = seconds
        self.partitions = manifest.partitions.map { partition in
            Partition(
                topic: partition.topic, partition: partition.number, ranges: partition.ranges,
                nextOffset: partition.nextOffset, messages: partition.messages, absent: partition.absent,
                gaps: partition.gaps, files: partition.files.map(\.name),
                bytes: partition.files.reduce(0) { $0 + $1.bytes }, done: partition.isDone)
        }
    }

    var text: String {
        guard !wasDone else { return "the dump in \(folder) is complete already: nothing to do" }
        let messages = partitions.reduce(0) { $0 + $1.messages }
        let bytes = partitions.reduce(0) { $0 + $1.bytes }
        let files = partitions.reduce(0) { $0 + $1.files.count }
        var lines = [
            done
                ? "done: every message of the ranges is in \(folder)"
                : "interrupted: run the same command again to go on"
        ]
        lines.append("  dump      \(messages.grouped) messages in \(files.grouped) files, \(bytes.asBytes)")
        lines += partitions.filter { !$0.gaps.isEmpty }.map { partition in
            "  lost      \(partition.topic)-\(partition.partition): offsets "
                + partition.gaps.map(\.description).joined(separator: ", ")
        }
        let speed = seconds > 0 ? Int(Double(messagesRead) / seconds) : 0
        lines.append(
            "  speed     \(messagesRead.grouped) messages read by this run, \(speed.grouped) messages/s over "
                + "\(seconds.rounded(to: 1)) s")
        return lines.joined(separator: "\n")
    }
}
