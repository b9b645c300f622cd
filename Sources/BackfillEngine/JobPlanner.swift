public import BackfillCore
public import RowDecoding

/// Everything about a job that is decided before the first record is written.
public struct JobPlan: Sendable {
    public var schema: CollectionSchema
    public var records: RecordPlan
    public var job: CheckpointDocument.Job
    public var units: [CheckpointDocument.Unit]
    /// About how many bytes a message has, from the first ones; nil for another source, or where there are none.
    public var bytesPerMessage: Int?

    /// A checkpoint of a job that has not begun.
    public func freshDocument(now: String) -> CheckpointDocument {
        CheckpointDocument(job: job, collection: collection, units: units, createdAt: now)
    }

    public var collection: CheckpointDocument.Collection {
        CheckpointDocument.Collection(id: schema.id, schema: schema.fingerprint)
    }
}

/// Resolves a job: what it reads, and how the records become rows.
public struct JobPlanner: Sendable {
    /// Records at the beginning of the source that are compared with the collection.
    private static let sampleSize = 100

    private let spec: JobSpec
    private let source: SourcePlan

    /// - Parameter source: What was found out about the job's source.
    public init(spec: JobSpec, source: SourcePlan) {
        self.spec = spec
        self.source = source
    }

    /// What identifies the job, for a comparison with a checkpoint.
    public var identity: CheckpointDocument.Job {
        CheckpointDocument.Job(
            source: source.identity, mapping: spec.record.summary, database: spec.target.database ?? "default",
            collection: spec.target.collection)
    }

    /// Fits the records to the collection.
    ///
    /// - Throws: `PlanError` and `EngineError` with everything that does not fit.
    public func plan(for schema: CollectionSchema) throws -> JobPlan {
        let records = try RecordPlan(schema: schema, mapping: spec.record, form: source.form)
        if let sample = source.sample {
            let files = identity.files
            let decoder = ChunkDecoder(plan: records, lanes: 1, unit: 0, fileNames: files.map(\.path))
            let unknown = decoder.unknownMembers(in: sample, records: Self.sampleSize)
            guard unknown.isEmpty else {
                throw EngineError.unknownMembers(unknown, place: sample.name(files), collection: schema.name)
            }
            if let finding = decoder.keyMismatch(in: sample, records: Self.sampleSize) {
                throw EngineError.keyMismatch(finding)
            }
        }
        return JobPlan(
            schema: schema, records: records, job: identity, units: source.units,
            bytesPerMessage: source.sample?.bytesPerMessage)
    }
}

extension SourceChunk {
    fileprivate var bytesPerMessage: Int? {
        guard case .messages(let chunk) = self, !chunk.messages.isEmpty else { return nil }
        return chunk.bytes.count / chunk.messages.count
    }

    /// The file or the partition that the chunk comes from.
    fileprivate func name(_ files: [CheckpointDocument.SourceFile]) -> String {
        switch self {
        case .lines(let chunk): files[chunk.start.file].path
        case .messages(let chunk): "\(chunk.topic)-\(chunk.partition)"
        }
    }
}

extension RecordMapping {
    /// One line for each part that decides what is written.
    var summary: [String] {
        var lines = fields.map { "\($0.key) <- \($0.value)" }.sorted()
        if !path.isEmpty { lines.append("path: \(path.joined(separator: "."))") }
        if !drop.isEmpty { lines.append("drop: \(drop.sorted().joined(separator: ", "))") }
        if key != MessageKey() {
            lines.append(
                (["key: \(key.format.rawValue)"] + (key.path.isEmpty ? [] : [key.path.joined(separator: ".")]))
                    .joined(separator: " "))
        }
        lines.append("tombstones: \(tombstones.rawValue)")
        return lines
    }
}
