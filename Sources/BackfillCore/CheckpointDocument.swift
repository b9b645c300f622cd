/// What a job remembers between its runs. A position stands here only when every record before it is settled.
public struct CheckpointDocument: Sendable, Equatable, Codable {
    public static let currentVersion = 3

    /// One file of the source, known again by its content wherever it lies.
    public struct SourceFile: Sendable, Equatable, Codable {
        public var path: String
        /// Bytes on disk.
        public var size: Int
        /// SHA-256 over the size, the first and the last 64 KiB, in hexadecimal.
        public var digest: String

        public init(path: String, size: Int, digest: String) {
            self.path = path
            self.size = size
            self.digest = digest
        }
    }

    /// What the job reads.
    public enum Source: Sendable, Equatable, Codable {
        case dump(files: [SourceFile], envelope: DumpSource.Envelope, order: DumpSource.Order)
        /// - Parameters:
        ///   - cluster: the cluster's id; nil where the brokers give none.
        ///   - ranges: as the person wrote them, before they were resolved.
        case kafka(cluster: String?, ranges: [String])

        /// Whether the ranges are those of a catch-up.
        public var isCatchUp: Bool {
            guard case .kafka(_, let ranges) = self else { return false }
            return ranges.contains { $0.contains("@\(OffsetBound.resume)..") }
        }
    }

    /// Everything that decides which rows the job writes; not how fast it writes them.
    public struct Job: Sendable, Equatable, Codable {
        public var source: Source
        /// The record mapping, one line for each part of it.
        public var mapping: [String]
        public var database: String
        public var collection: String
        /// nil: the rows go where the server puts them.
        public var partition: String?

        public init(
            source: Source, mapping: [String], database: String, collection: String, partition: String? = nil
        ) {
            self.source = source
            self.mapping = mapping
            self.database = database
            self.collection = collection
            self.partition = partition
        }

        /// The files of a dump; none for another source.
        public var files: [SourceFile] {
            if case .dump(let files, _, _) = source { files } else { [] }
        }
    }

    /// The collection that the rows went to, known again when it is dropped and created anew.
    public struct Collection: Sendable, Equatable, Codable {
        /// 0 where the server gives none.
        public var id: Int64
        public var schema: [String]

        public init(id: Int64, schema: [String]) {
            self.id = id
            self.schema = schema
        }
    }

    /// What one unit consists of.
    public enum Extent: Sendable, Equatable, Codable {
        /// Indexes into the files of `job.source`, in reading order.
        case files(indexes: [Int])
        /// Ranges of offsets, ascending and apart. They are one unit because a later message of a partition replaces
        /// an earlier one.
        case partition(topic: String, number: Int32, ranges: [OffsetRange])
    }

    /// One unit: an ordered sequence of records and how far it is settled.
    public struct Unit: Sendable, Equatable, Codable {
        public var extent: Extent
        /// The next record to read. In a file, `position.file` counts within the unit's files and equals their number
        /// at the end.
        public var position: SourcePosition
        /// Totals over everything before `position`, over all runs.
        public var counts: RecordCounts
        /// Offsets of the unit's ranges before `position` whose messages were lost before they could be read.
        public var gaps: [OffsetRange]
        /// What earlier rounds have read of the partition: ascending, apart, and without a seam.
        public var earlier: [OffsetRange]
        /// Offsets of these that held no message when they were read.
        public var earlierAbsent: Int
        /// The last message before `position` that was read, by which the log is known again; nil before the first one.
        public var anchor: LogAnchor?

        public init(files: [Int], position: DumpPosition = .start(ofFile: 0), counts: RecordCounts = RecordCounts()) {
            self.extent = .files(indexes: files)
            self.position = .line(position)
            self.counts = counts
            self.gaps = []
            self.earlier = []
            self.earlierAbsent = 0
        }

        /// - Parameter position: nil: the start of the first range.
        public init(topic: String, partition: Int32, ranges: [OffsetRange], position: Int64? = nil) {
            self.extent = .partition(topic: topic, number: partition, ranges: ranges)
            self.position = .offset(position ?? ranges.first?.start ?? 0)
            self.counts = RecordCounts()
            self.gaps = []
            self.earlier = []
            self.earlierAbsent = 0
        }

        /// Takes over what the round before has left of the same partition.
        public mutating func follow(_ unit: Unit) {
            guard case .partition(_, _, let ranges) = unit.extent else { return }
            earlier = OffsetRange.joined(unit.earlier + ranges)
            earlierAbsent = unit.absentBefore
            anchor = unit.anchor
        }

        /// Offsets before `position` that held no message when they were read, in all rounds.
        public var absentBefore: Int { earlierAbsent + counts.absent }

        /// Where the unit ends.
        public var end: SourcePosition {
            switch extent {
            case .files(let indexes): .line(.start(ofFile: indexes.count))
            case .partition(_, _, let ranges): .offset(ranges.last?.end ?? 0)
            }
        }

        public var isDone: Bool { position >= end }
    }

    public var version: Int
    public var job: Job
    public var collection: Collection
    public var units: [Unit]
    /// Times that the job was planned, each from where the one before had ended; more than 1 for a catch-up alone.
    public var round: Int
    /// Runs that worked on the round so far.
    public var attempts: Int
    /// RFC 3339, UTC.
    public var createdAt: String
    /// RFC 3339, UTC.
    public var updatedAt: String
    /// The sentence with which the last run stopped, when it did not reach its end.
    public var lastError: String?

    public init(job: Job, collection: Collection, units: [Unit], createdAt: String) {
        self.version = Self.currentVersion
        self.job = job
        self.collection = collection
        self.units = units
        self.round = 1
        self.attempts = 0
        self.createdAt = createdAt
        self.updatedAt = createdAt
        self.lastError = nil
    }

    public var isDone: Bool { units.allSatisfy(\.isDone) }

    /// Whether all is written, and to a collection that was still the same when that had been done.
    public var isComplete: Bool { isDone && lastError == nil }

    /// Whether a place in a unit lies before the unit's position; nil where the job has no such place.
    public func isSettled(_ place: SourcePosition, ofUnit unit: Int) -> Bool? {
        guard units.indices.contains(unit) else { return nil }
        switch (place, units[unit].position) {
        case (.line, .line), (.offset, .offset): return place < units[unit].position
        case (.line, .offset), (.offset, .line): return nil
        }
    }

    public var counts: RecordCounts {
        units.reduce(into: RecordCounts()) { $0 += $1.counts }
    }
}

/// Records by what became of them.
public struct RecordCounts: Sendable, Equatable, Codable {
    public var read = 0
    public var upserted = 0
    public var deleted = 0
    /// Replaced by a later record of the same key before they were sent, or by a newer one where the job asks for it.
    public var superseded = 0
    public var rejected = 0
    /// Left out because the stored row is newer.
    public var newer = 0
    /// Tombstones that the job skips.
    public var skipped = 0
    /// Offsets that hold no message, although the log covers them.
    public var absent = 0
    /// Bytes of text.
    public var bytes = 0

    public init() {}

    public static func += (left: inout RecordCounts, right: RecordCounts) {
        left.read += right.read
        left.upserted += right.upserted
        left.deleted += right.deleted
        left.superseded += right.superseded
        left.rejected += right.rejected
        left.newer += right.newer
        left.skipped += right.skipped
        left.absent += right.absent
        left.bytes += right.bytes
    }
}
