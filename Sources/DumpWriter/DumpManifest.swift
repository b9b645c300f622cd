public import BackfillCore
import Checkpoints
import Zstd

/// What a dump holds: the description of a finished one, and the state from which an unfinished one goes on.
///
/// It never counts more than what is on the disk.
public struct DumpManifest: Sendable, Equatable, Codable {
    public static let currentVersion = 1

    /// One file of lines.
    public struct File: Sendable, Equatable, Codable {
        /// The name in the dump's folder.
        public var name: String
        /// The offset of the file's first message.
        public var firstOffset: Int64
        /// Where the partition goes on behind the file.
        public var nextOffset: Int64
        public var messages: Int
        /// Bytes on disk; of an unfinished file those that count.
        public var bytes: Int
        public var textBytes: Int
        /// Whether the file has its seek table and takes no more messages.
        public var isComplete: Bool
        /// The frames that the seek table will list; none once it is written.
        package var frames: DumpFrames?

        init(name: String, firstOffset: Int64) {
            self.name = name
            self.firstOffset = firstOffset
            self.nextOffset = firstOffset
            self.messages = 0
            self.bytes = 0
            self.textBytes = 0
            self.isComplete = false
            self.frames = DumpFrames()
        }

        /// A frame was written behind the others.
        mutating func add(_ frame: ZstdSeekTable.Frame) {
            frames?.frames.append(frame)
            bytes += Int(frame.size)
            textBytes += Int(frame.textSize)
        }

        /// The seek table was written behind the frames.
        mutating func complete(tableSize: Int) {
            isComplete = true
            frames = nil
            bytes += tableSize
        }
    }

    /// The messages of one partition, file after file.
    public struct Partition: Sendable, Equatable, Codable {
        public var topic: String
        public var number: Int32
        /// Ascending and apart.
        public var ranges: [OffsetRange]
        /// The offset of the next message.
        public var nextOffset: Int64
        public var messages: Int
        /// Offsets before `nextOffset` that hold no message, although the log covers them.
        public var absent: Int
        /// Offsets before `nextOffset` whose messages were lost before they could be read.
        public var gaps: [OffsetRange]
        public var files: [File]

        /// A partition of which nothing is written.
        public init(topic: String, number: Int32, ranges: [OffsetRange]) {
            self.topic = topic
            self.number = number
            self.ranges = ranges
            self.nextOffset = ranges.first?.start ?? 0
            self.messages = 0
            self.absent = 0
            self.gaps = []
            self.files = []
        }

        /// Whether all ranges are in files that are complete.
        public var isDone: Bool { isRead && files.allSatisfy(\.isComplete) }

        /// Whether nothing of the ranges is still to come.
        var isRead: Bool { ranges.allSatisfy { $0.isEmpty || $0.end <= nextOffset } }

        /// The name of the file with this number, counted from 0 in the partition.
        func fileName(_ index: Int) -> String {
            let digits = String(index)
            let zeros = String(repeating: "0", count: max(0, 5 - digits.count))
            return "\(topic)-\(number)-\(zeros)\(digits).jsonl.zst"
        }
    }

    public var version: Int
    /// What the dump was made of.
    public var source: CheckpointDocument.Source
    public var partitions: [Partition]

    init(source: CheckpointDocument.Source, partitions: [Partition]) {
        self.version = Self.currentVersion
        self.source = source
        self.partitions = partitions
    }

    public var isDone: Bool { partitions.allSatisfy(\.isDone) }
}

extension DumpManifest: SealedDocument {}
