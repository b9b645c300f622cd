public import BackfillCore
import Checkpoints
import DumpReader
public import DumpWriter
public import KafkaReader
import RowDecoding

/// What an earlier run has stored of its source.
public struct StoredSource: Sendable {
    public var identity: CheckpointDocument.Source
    public var units: [CheckpointDocument.Unit]

    public init(_ document: CheckpointDocument) {
        identity = document.job.source
        units = document.units
    }

    public init(_ manifest: DumpManifest) {
        identity = manifest.source
        units = manifest.units
    }
}

/// What is found out about a job's source before anything is written.
public struct SourcePlan: Sendable {
    /// What a source is looked at for.
    public enum Purpose: Sendable {
        /// To read what there is still to read.
        case reading
        /// To compare what was read with the collection: the units are those that were stored, and nothing is planned.
        case comparing
    }

    /// What the checkpoint remembers of the source.
    public var identity: CheckpointDocument.Source
    /// In the order in which they are read.
    public var units: [CheckpointDocument.Unit]
    /// Whether the units are a new round of a job whose last one is complete.
    public var startsRound = false
    var form: RecordForm
    /// The first records, where there are any.
    var sample: SourceChunk?

    /// How long to wait for the first messages. A source that has none to show is the run's matter.
    private static let sampleTime = Duration.seconds(10)

    /// Whether the units are a new round with nothing to read and no loss to record.
    public var hasNothingNew: Bool { startsRound && units.allSatisfy { $0.isDone && $0.gaps.isEmpty } }

    /// Looks at a source; the server is not needed yet.
    ///
    /// - Parameters:
    ///   - stored: What an earlier run has stored: its ranges stay as they were resolved.
    ///   - purpose: Decides which logs are looked at, and whether a round is planned.
    ///   - now: Milliseconds since 1970.
    ///   - onEvent: Called for what librdkafka says about its connections.
    /// - Throws: `DumpError` when files are missing or unreadable, `KafkaError` when brokers are, ranges do not fit, or a
    ///   log is not the one of which was read.
    public init(
        _ source: SourceSpec, stored: StoredSource?, for purpose: Purpose = .reading, now: Int64,
        onEvent: @escaping @Sendable (KafkaEvent) -> Void
    ) async throws {
        switch source {
        case .dump(let dump): try self.init(dump)
        case .kafka(let kafka):
            try await self.init(kafka, stored: stored, for: purpose, now: now, onEvent: onEvent)
        }
    }

    private init(_ source: DumpSource) throws(DumpError) {
        let files = try SourceCatalog.files(matching: source.paths)
        var reader = DumpReader(files: files)
        var detected: DumpSource.Envelope?
        // A damaged file is the run's matter: it loads what stands before the damage.
        do throws(DumpError) {
            while detected == nil, let chunk = try reader.nextChunk() {
                sample = .lines(chunk)
                detected = DumpSource.Envelope.detected(in: chunk)
            }
        } catch {
            detected = nil
        }
        let envelope = source.envelope == .auto ? detected ?? .none : source.envelope
        form = envelope == .kcat ? .kcat : .record
        identity = .dump(files: files, envelope: envelope, order: source.order)
        let indexes = Array(files.indices)
        units =
            switch source.order {
            case .sequence: [CheckpointDocument.Unit(files: indexes)]
            case .perFile: indexes.map { CheckpointDocument.Unit(files: [$0]) }
            }
    }

    private init(
        _ source: KafkaSource, stored: StoredSource?, for purpose: Purpose, now: Int64,
        onEvent: @escaping @Sendable (KafkaEvent) -> Void
    ) async throws {
        form = .message
        let ranges = source.ranges.map(\.description) + source.isolation
        let before = stored?.units ?? []
        let isDone = stored != nil && before.allSatisfy(\.isDone)
        units = before
        if isDone, !source.isCatchUp, purpose == .reading {
            // A complete job is known from what it has stored alone.
            identity = .kafka(cluster: nil, ranges: ranges)
            return
        }
        startsRound = isDone && source.isCatchUp
        let cluster = try KafkaCluster(source, onEvent: onEvent)
        identity = .kafka(cluster: try await cluster.id(), ranges: ranges)
        if let stored {
            // Of another source nothing more is to be known than that it is another one.
            let differences = SourceComparison.differences(
                stored: stored.identity, current: identity, startsRound: startsRound)
            guard differences.isEmpty else { return }
            let read = before.filter { purpose == .comparing || (startsRound ? $0.isNamed(by: source) : !$0.isDone) }
            try await cluster.requireLogs(reachTo: read.compactMap(\.endOfPartition))
            try await Self.requireSameLogs(source, read, onEvent: onEvent)
            if purpose == .comparing { return }
        }
        if stored == nil || startsRound {
            let partitions = try await cluster.resolveRanges(
                now: now, after: before.compactMap(\.endOfPartition),
                followsCatchUp: stored?.identity.isCatchUp ?? false)
            units = CheckpointDocument.Unit.units(reading: partitions, after: before)
        }
        sample = try await Self.sample(of: source, units, onEvent: onEvent)
    }

    /// Makes sure that the logs are those of which the units were read.
    private static func requireSameLogs(
        _ source: KafkaSource, _ units: [CheckpointDocument.Unit], onEvent: @escaping @Sendable (KafkaEvent) -> Void
    ) async throws {
        let anchors = units.compactMap { unit -> (topic: String, partition: Int32, anchor: LogAnchor)? in
            guard case .partition(let topic, let number, _) = unit.extent, let anchor = unit.anchor else { return nil }
            return (topic, number, anchor)
        }
        guard !anchors.isEmpty else { return }
        var source = source
        source.onDataLoss = .skip
        var limits = KafkaLimits()
        limits.queueBytes = limits.chunkBytes
        let consumer = try KafkaConsumer(source, concurrency: 1, limits: limits, onEvent: onEvent)
        try await consumer.requireMessages(anchors)
    }

    /// The first messages of the first unit that has some left.
    private static func sample(
        of source: KafkaSource, _ units: [CheckpointDocument.Unit],
        onEvent: @escaping @Sendable (KafkaEvent) -> Void
    ) async throws -> SourceChunk? {
        let clock = ContinuousClock()
        let start = clock.now
        var limits = KafkaLimits()
        limits.queueBytes = limits.chunkBytes
        let consumer = try KafkaConsumer(source, concurrency: 1, limits: limits, onEvent: onEvent)
        for unit in units where !unit.isDone {
            guard case .partition(let topic, let number, let ranges) = unit.extent,
                case .offset(let offset) = unit.position
            else { continue }
            var reader = consumer.reader(topic: topic, partition: number, ranges: ranges, from: offset)
            reading: while start.duration(to: clock.now) < sampleTime {
                switch try await reader.next() {
                case .chunk(.messages(let chunk)) where chunk.messages.isEmpty: continue
                case .chunk(let chunk): return chunk
                case .idle: continue
                case .end: break reading
                }
            }
        }
        return nil
    }
}

extension KafkaSource {
    /// What decides, beside the ranges, which of their messages are read: nothing unless the job says so.
    fileprivate var isolation: [String] {
        let name = "isolation.level"
        guard let level = properties[name]?.reveal(), level != "read_committed" else { return [] }
        return ["\(name): \(level)"]
    }
}

extension CheckpointDocument.Unit {
    /// The units of a round: the partitions that it reads, and behind them those that only earlier rounds have read, with
    /// nothing left to read, so that it stays known what the collection was filled from.
    ///
    /// - Parameter before: the units of the round before.
    package static func units(
        reading partitions: [PartitionRanges], after before: [CheckpointDocument.Unit]
    ) -> [CheckpointDocument.Unit] {
        let others = before.compactMap(\.endOfPartition).filter { other in
            !partitions.contains { ($0.topic, $0.partition) == (other.topic, other.partition) }
        }.map {
            PartitionRanges(
                topic: $0.topic, partition: $0.partition, ranges: [OffsetRange(start: $0.end, end: $0.end)])
        }
        return (partitions + others).map { CheckpointDocument.Unit($0, after: before) }
    }

    private init(_ partition: PartitionRanges, after before: [CheckpointDocument.Unit]) {
        self.init(
            topic: partition.topic, partition: partition.partition, ranges: partition.ranges,
            position: partition.gaps.last?.end)
        gaps = partition.gaps
        let last = before.first { unit in
            guard case .partition(partition.topic, partition.partition, _) = unit.extent else { return false }
            return true
        }
        if let last { follow(last) }
    }

    fileprivate func isNamed(by source: KafkaSource) -> Bool {
        guard case .partition(let topic, let number, _) = extent else { return false }
        return source.names(number, of: topic)
    }

    fileprivate var endOfPartition: (topic: String, partition: Int32, end: Int64)? {
        guard case .partition(let topic, let number, let ranges) = extent else { return nil }
        return (topic, number, ranges.last?.end ?? 0)
    }
}
