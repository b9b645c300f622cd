/// What a job remembers between its runs. A position stands here only when every record before it is settled.
public struct CheckpointDocument: Sendable, Equatable, Codable {
    public static let currentVersion = 1

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

    /// Everything that decides which rows the job writes; not how fast it writes them.
    public struct Job: Sendable, Equatable, Codable {
        public var files: [SourceFile]
        public var envelope: DumpSource.Envelope
        public var order: DumpSource.Order
        /// The record mapping, one line for each part of it.
        public var mapping: [String]
        public var database: String
        public var collection: String

        public init(
            files: [SourceFile],
            envelope: DumpSource.Envelope,
            order: DumpSource.Order,
            mapping: [String],
            database: String,
            collection: String
        ) {
            self.files = files
            self.envelope = envelope
            self.order = order
            self.mapping = mapping
            self.database = database
            self.collection = collection
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

    /// One unit: an ordered sequence of files and how far it is settled.
    public struct Unit: Sendable, Equatable, Codable {
        /// Indexes into `job.files`, in reading order.
        public var files: [Int]
        /// The next line to read; `position.file` counts within `files` and equals their number at the end.
        public var position: DumpPosition
        /// Totals over everything before `position`, over all runs.
        public var counts: RecordCounts

        public init(files: [Int], position: DumpPosition = .start(ofFile: 0), counts: RecordCounts = RecordCounts()) {
            self.files = files
            self.position = position
            self.counts = counts
        }

        public var isDone: Bool { position.file == files.count }
    }

    public var version: Int
    public var job: Job
    public var collection: Collection
    public var units: [Unit]
    /// Runs that worked on the job so far.
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
        self.attempts = 0
        self.createdAt = createdAt
        self.updatedAt = createdAt
        self.lastError = nil
    }

    public var isDone: Bool { units.allSatisfy(\.isDone) }

    public var counts: RecordCounts {
        units.reduce(into: RecordCounts()) { $0 += $1.counts }
    }
}

/// Records by what became of them.
public struct RecordCounts: Sendable, Equatable, Codable {
    public var read = 0
    public var upserted = 0
    public var deleted = 0
    /// Replaced by a later record of the same key before they were sent.
    public var superseded = 0
    public var rejected = 0
    /// Tombstones that the job skips.
    public var skipped = 0
    /// Bytes of text.
    public var bytes = 0

    public init() {}

    public static func += (left: inout RecordCounts, right: RecordCounts) {
        left.read += right.read
        left.upserted += right.upserted
        left.deleted += right.deleted
        left.superseded += right.superseded
        left.rejected += right.rejected
        left.skipped += right.skipped
        left.bytes += right.bytes
    }
}
