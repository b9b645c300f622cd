public import BackfillCore
public import DumpReader
public import RowDecoding

/// Everything about a job that is decided before the first record is written.
public struct JobPlan: Sendable {
    public var schema: CollectionSchema
    public var records: RecordPlan
    public var job: CheckpointDocument.Job
    public var units: [CheckpointDocument.Unit]

    /// A checkpoint of a job that has not begun.
    public func freshDocument(now: String) -> CheckpointDocument {
        CheckpointDocument(job: job, collection: collection, units: units, createdAt: now)
    }

    public var collection: CheckpointDocument.Collection {
        CheckpointDocument.Collection(id: schema.id, schema: schema.fingerprint)
    }
}

/// Resolves a job: which files it reads, what their lines hold, and how the records become rows.
public struct JobPlanner: Sendable {
    /// Records at the beginning of the source whose members are compared with the collection.
    private static let sampleSize = 100

    private let spec: JobSpec
    private let job: CheckpointDocument.Job
    private let sample: LineChunk?

    /// Looks at the source; the server is not needed yet.
    ///
    /// - Throws: `DumpError` when files are missing or unreadable.
    public init(spec: JobSpec) throws(DumpError) {
        let files = try SourceCatalog.files(matching: spec.source.paths)
        var reader = DumpReader(files: files)
        var sample: LineChunk?
        var detected: DumpSource.Envelope?
        // A damaged file is the run's matter: it loads what stands before the damage.
        do throws(DumpError) {
            while detected == nil, let chunk = try reader.nextChunk() {
                sample = chunk
                detected = DumpSource.Envelope.detected(in: chunk)
            }
        } catch {
            detected = nil
        }
        let envelope = spec.source.envelope == .auto ? detected ?? .none : spec.source.envelope
        self.spec = spec
        self.sample = sample
        self.job = CheckpointDocument.Job(
            files: files, envelope: envelope, order: spec.source.order, mapping: spec.record.summary,
            database: spec.target.database ?? "default", collection: spec.target.collection)
    }

    /// What identifies the job, for a comparison with a checkpoint.
    public var identity: CheckpointDocument.Job { job }

    /// Fits the records to the collection.
    ///
    /// - Throws: `PlanError` and `EngineError` with everything that does not fit.
    public func plan(for schema: CollectionSchema) throws -> JobPlan {
        let records = try RecordPlan(schema: schema, mapping: spec.record, envelope: job.envelope)
        if let sample {
            let decoder = ChunkDecoder(plan: records, lanes: 1, unit: 0, fileNames: job.files.map(\.path))
            let unknown = decoder.unknownMembers(in: sample, records: Self.sampleSize)
            guard unknown.isEmpty else {
                throw EngineError.unknownMembers(
                    unknown, file: job.files[sample.start.file].path, collection: schema.name)
            }
        }
        let indexes = Array(job.files.indices)
        let units =
            switch spec.source.order {
            case .sequence: [CheckpointDocument.Unit(files: indexes)]
            case .perFile: indexes.map { CheckpointDocument.Unit(files: [$0]) }
            }
        return JobPlan(schema: schema, records: records, job: job, units: units)
    }
}

extension RecordMapping {
    /// One line for each part that decides what is written.
    var summary: [String] {
        var lines = fields.map { "\($0.key) <- \($0.value)" }.sorted()
        if !path.isEmpty { lines.append("path: \(path.joined(separator: "."))") }
        if !drop.isEmpty { lines.append("drop: \(drop.sorted().joined(separator: ", "))") }
        lines.append("tombstones: \(tombstones.rawValue)")
        return lines
    }
}
