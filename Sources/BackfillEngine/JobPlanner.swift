public import BackfillCore
public import RowDecoding

/// Everything about a job that is decided before the first record is written.
public struct JobPlan: Sendable {
    public var schema: CollectionSchema
    public var records: RecordPlan
    public var job: CheckpointDocument.Job
    public var units: [CheckpointDocument.Unit]
    /// Whether the units are a new round of a job whose last one is complete.
    public var startsRound: Bool
    /// Whether that round has nothing to read and no loss to record.
    public var hasNothingNew: Bool
    /// About how many bytes a message has, from the first ones; nil for another source, or where there are none.
    public var bytesPerMessage: Int?
    /// What is worth knowing and stops nothing; sentences without a full stop.
    public var warnings: [String] = []

    /// A checkpoint of a job, or of a round of it, that has not begun.
    ///
    /// - Parameter before: the one of the round before.
    public func freshDocument(after before: CheckpointDocument? = nil, now: String) -> CheckpointDocument {
        var document = CheckpointDocument(job: job, collection: collection, units: units, createdAt: now)
        if let before { document.round = before.round + 1 }
        return document
    }

    public var collection: CheckpointDocument.Collection {
        CheckpointDocument.Collection(schema)
    }
}

extension CheckpointDocument.Collection {
    public init(_ schema: CollectionSchema) {
        self.init(id: schema.id, schema: schema.fingerprint)
    }
}

/// Resolves a job: what it reads, and how the records become rows.
public struct JobPlanner: Sendable {
    /// Records at the beginning of the source that are compared with the collection.
    private static let sampleSize = 100
    /// Where rejects are kept in a file, so many records have to have the same fault before it is the job's.
    private static let smallestConclusiveSample = 10

    private let spec: JobSpec
    private let source: SourcePlan

    /// Whether the job's next round has nothing to read and no loss to record.
    public var hasNothingNew: Bool { source.hasNothingNew }

    public var startsRound: Bool { source.startsRound }

    /// - Parameter source: What was found out about the job's source.
    public init(spec: JobSpec, source: SourcePlan) {
        self.spec = spec
        self.source = source
    }

    /// What identifies the job, for a comparison with a checkpoint.
    public var identity: CheckpointDocument.Job { spec.identity(source: source.identity) }

    /// Fits the records to the collection.
    ///
    /// - Parameter stored: what the job has come to.
    /// - Throws: `PlanError` with everything that does not fit.
    public func plan(for target: TargetPlan, after stored: CheckpointDocument?) throws(PlanError) -> JobPlan {
        try plan(for: target, isResumed: isKnownToFit(target, after: stored))
    }

    /// Fits the records to the collection.
    ///
    /// - Parameter isResumed: the job has begun, so its records are not looked at again: those at hand need not be
    ///   like the ones that it began with.
    /// - Throws: `PlanError` with everything that does not fit.
    public func plan(for target: TargetPlan, isResumed: Bool) throws(PlanError) -> JobPlan {
        let draft = RecordPlan.draft(
            schema: target.schema, mapping: spec.record, form: source.form, limits: target.limits)
        // Of a collection that is to be made both look at the types.
        var findings = target.findings + draft.findings.filter { !target.findings.contains($0) }
        if let field = spec.run.ifNewer {
            findings += RowVersions.findings(
                on: field, schema: target.schema, mapping: spec.record, form: source.form)
            if target.isNotLoaded {
                findings.append("it is not loaded, so its rows cannot be compared (run.ifNewer): load it")
            }
        }
        var warnings = target.warnings
        if !isResumed, let plan = draft.plan, let sample = source.sample {
            let decoder = ChunkDecoder(plan: plan, lanes: 1, unit: 0, fileNames: identity.files.map(\.path))
            let survey = decoder.survey(
                sample, records: Self.sampleSize,
                minimum: spec.record.onReject == .fail ? 1 : Self.smallestConclusiveSample)
            findings += survey.findings
            warnings += survey.warnings
        }
        guard findings.isEmpty, let records = draft.plan else {
            throw PlanError(collection: target.schema.name, findings: findings)
        }
        return JobPlan(
            schema: target.schema, records: records, job: identity, units: source.units,
            startsRound: source.startsRound, hasNothingNew: source.hasNothingNew,
            bytesPerMessage: source.sample?.bytesPerMessage, warnings: warnings)
    }

    /// Whether the first records need not be compared with the collection. In a round that begins they are as far on the
    /// job's way as those in its middle, unless no record has fitted yet, or the collection was changed since.
    private func isKnownToFit(_ target: TargetPlan, after stored: CheckpointDocument?) -> Bool {
        guard let stored else { return false }
        guard startsRound else { return true }
        return stored.counts.upserted > 0 && stored.collection.schema == target.schema.fingerprint
    }
}

extension SourceChunk {
    fileprivate var bytesPerMessage: Int? {
        guard case .messages(let chunk) = self, !chunk.messages.isEmpty else { return nil }
        return chunk.bytes.count / chunk.messages.count
    }
}

extension JobSpec {
    /// What identifies the job, with this source.
    public func identity(source: CheckpointDocument.Source) -> CheckpointDocument.Job {
        CheckpointDocument.Job(
            source: source, mapping: record.summary + (run.ifNewer.map { ["if newer by: \($0)"] } ?? []),
            database: target.databaseName, collection: target.collection,
            partition: target.partition)
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
