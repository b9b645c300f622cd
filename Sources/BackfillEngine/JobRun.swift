public import BackfillCore
import Checkpoints
import DumpReader
import KafkaReader
public import Logging
public import RowDecoding

/// One run of a planned job, from its watermarks to its end.
public final class JobRun: Sendable {
    /// How many requests are in flight where the job does not say: more gain little on one server (measured).
    public static let defaultLanes = 4
    /// From the wish to stop until whatever is still on its way is abandoned.
    private static let drainTime = Duration.seconds(4)
    /// Between two writes of the checkpoint. The first ones follow sooner, each pause twice as long as the one before,
    /// so that a job that is killed every second still gets ahead.
    private static let firstCheckpointInterval = Duration.milliseconds(100)
    private static let checkpointInterval = Duration.seconds(2)
    /// Between two looks at the collection.
    private static let targetInterval = Duration.seconds(2)
    /// Enough that brokers have something to send while the messages of others are decoded.
    static let concurrentPartitions = 8

    private let spec: JobSpec
    private let document: CheckpointDocument
    private let plan: RecordPlan
    /// nil where records always win.
    private let versions: RowVersions?
    private let stopController: StopController
    private let log: Logger
    private let lanes: [Lane]
    private let gate: FlowGate
    private let keeper: CheckpointKeeper
    private let rejects: RejectLog
    private let refused: RefusedRecords
    private let pacer: RatePacer
    private let board = StatisticsBoard()
    /// nil where the source is a dump.
    private let consumer: KafkaConsumer?
    /// Units that are read at the same time.
    private let concurrentUnits: Int

    /// - Parameters:
    ///   - document: the job's checkpoint as it stands now, already on disk.
    ///   - isDryRun: reads and decodes everything, and leaves checkpoint and reject file alone.
    ///   - pacer: holds the job's own ceiling on rows a second.
    ///   - now: the time in RFC 3339.
    /// - Throws: `CheckpointError` when the reject file cannot be opened or belongs to another job, `KafkaError` when
    ///   librdkafka cannot be started with the job's properties.
    public init(
        spec: JobSpec,
        document: CheckpointDocument,
        plan: RecordPlan,
        isDryRun: Bool,
        pacer: RatePacer,
        stopController: StopController,
        log: Logger,
        now: @escaping @Sendable () -> String
    ) throws {
        self.spec = spec
        self.document = document
        self.plan = plan
        self.pacer = pacer
        self.stopController = stopController
        self.log = log
        let versions = spec.run.ifNewer.flatMap { RowVersions(of: $0, in: plan) }
        self.versions = versions
        let laneCount = spec.run.lanes ?? Self.defaultLanes
        self.lanes = (0..<laneCount).map {
            Lane(
                index: $0, batchRows: spec.run.batchRows, batchBytes: spec.run.batchBytes, versions: versions)
        }
        // For each lane a batch in flight, one that waits, and half a one to build the next from.
        self.gate = FlowGate(
            maximumRows: laneCount * spec.run.batchRows * 5 / 2, maximumBytes: spec.run.memory)
        self.keeper = CheckpointKeeper(
            document: document, file: isDryRun ? nil : CheckpointFile(path: spec.run.checkpoint), now: now)
        self.rejects = try RejectLog(document: document, policy: spec.record.onReject, isDryRun: isDryRun)
        self.refused = RefusedRecords(spec: spec, document: document, plan: plan, log: log)
        switch spec.source {
        case .dump:
            self.concurrentUnits = Self.concurrency
            self.consumer = nil
        case .kafka(let source):
            self.concurrentUnits = Self.concurrentPartitions
            self.consumer = try KafkaConsumer(
                source, concurrency: min(Self.concurrentPartitions, document.units.count),
                processors: ProcessorCount.available, stallTime: spec.run.unavailableTimeout, onEvent: log.kafkaEvents)
        }
    }

    /// What the run has done so far.
    public var statistics: RunStatistics { board.current }

    /// The checkpoint as it would be stored now.
    public var checkpoint: CheckpointDocument { keeper.document }

    /// Works until the job's end, or until it is asked to stop.
    ///
    /// What is settled is in the checkpoint when this returns or throws.
    ///
    /// - Parameter stored: where the rows are that must not be replaced by older ones, if the job asks for that; nil in a
    ///   dry run.
    /// - Throws: `DumpError`, `KafkaError`, `EngineError`, `StoreError`, `CheckpointError`.
    public func run(into store: some VectorStore, stored: (any CollectionStore)?) async throws {
        stopController.onStop { [gate] in gate.close() }
        var fault: (any Error)?
        do {
            try await runGroup(store, stored)
        } catch is DrainTimeout {
            // What is left is the next run's.
        } catch StoreError.missing(let words) {
            fault = EngineError.targetGone(spec.target.collection, words: words)
        } catch StoreError.schemaChanged(let words) {
            fault = EngineError.targetChanged(spec.target.collection, differences: ["it has another schema (\(words))"])
        } catch {
            fault = error
        }
        do {
            try keeper.close(lastError: fault.map { "\($0)" })
        } catch {
            guard let fault else { throw error }
            // The last checkpoint that could be written stands, and the first fault is the one to mend.
            log.error("checkpoint.failed", metadata: ["error": "\(error)"])
            throw fault
        }
        if let fault { throw fault }
    }

    /// What is still on its way when a stop has taken too long: it stays unacknowledged and is sent again by the next run.
    private struct DrainTimeout: Error {}

    private func runGroup(_ store: some VectorStore, _ stored: (any CollectionStore)?) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.work(store, stored) }
            group.addTask { try await self.keepTime() }
            group.addTask { try await self.watchTarget(store) }
            group.addTask { try await self.limitDrain() }
            defer { group.cancelAll() }
            // The others only ever end by throwing.
            try await group.next()
        }
    }

    private func work(_ store: some VectorStore, _ stored: (any CollectionStore)?) async throws {
        let paced = paced(store)
        let patient = RetryingStore(base: store, retry: retry(unexpected: .unexpected))
        let newer = stored.flatMap { stored in
            versions.map { StoredVersions(versions: $0, key: plan.key, store: stored) }
        }
        let writer = BatchWriter(
            unavailable: .transient(deadline: spec.run.unavailableTimeout),
            onCut: { [log] error, rows in
                log.warning("store.cut", metadata: ["error": "\(error)", "rows": .number(rows)])
            },
            send: sender(paced, unless: newer))
        let readers = try await withThrowingTaskGroup(of: (any Error)?.self) { group in
            for lane in lanes {
                group.addTask {
                    var earlier: RowBatch?
                    while let batch = await lane.next() {
                        let isWhole = try await self.write(
                            batch, after: earlier, with: writer, target: patient)
                        // An older one may hold what this one has replaced, or others where newer rows are looked for.
                        earlier = isWhole && newer == nil ? batch : nil
                    }
                    return nil
                }
            }
            group.addTask {
                let fault = await withTaskCancellationHandler {
                    await self.readUnits()
                } onCancel: {
                    // Nothing makes room any more for what waits there.
                    self.gate.close()
                }
                for lane in self.lanes { lane.close() }
                return fault
            }
            var fault: (any Error)?
            for try await ended in group { fault = fault ?? ended }
            return fault
        }
        if let readers { throw readers }
        if stopController.reason == nil { try requireSameTarget(try await patient.describe()) }
    }

    private func paced<Store: VectorStore>(_ store: Store) -> PacedStore<Store> {
        let gate = RequestGate(maximum: lanes.count)
        return PacedStore(base: store, gate: gate, pacer: pacer) { [board, log] batch, latency in
            board.update { $0.requests += batch.requests.count }
            log.debug(
                "store.write",
                metadata: [
                    "rows": .number(batch.rows), "bytes": .number(batch.bytes), "latencySeconds": .seconds(latency),
                    "window": .number(gate.size),
                ])
        }
    }

    /// Sends the same bytes until they are acknowledged or hopeless; where newer rows are to stay, each attempt looks for
    /// them anew.
    private func sender(_ store: PacedStore<some VectorStore>, unless newer: StoredVersions?) -> BatchWriter.Send {
        { batch, unexpected throws(StoreError) in
            let retry = self.retry(unexpected: unexpected)
            if let newer {
                return try await retry { () async throws(StoreError) in
                    try await store.write(batch, choosing: newer.leavingOutOlder)
                }
            }
            try await RetryingStore(base: store, retry: retry).write(store.encode(batch))
            return batch
        }
    }

    private func retry(unexpected: RetryPolicy?) -> ServerRetry {
        let policies = ServerRetry.Policies(
            transient: .transient(deadline: spec.run.unavailableTimeout),
            quota: .quota(deadline: spec.run.quotaTimeout), unexpected: unexpected)
        return ServerRetry(policies, clock: ContinuousClock(), random: SystemRandomNumberGenerator()) {
            [board, log] error, pause in
            board.update { $0.retries += 1 }
            log.warning("store.retry", metadata: ["error": "\(error)", "pauseSeconds": .seconds(pause)])
        }
    }

    // MARK: Reading

    /// Reads all units, a few at a time.
    ///
    /// - Returns: the first error; what was read before it is in the lanes.
    private func readUnits() async -> (any Error)? {
        await withTaskGroup(of: (any Error)?.self) { group in
            let units = document.units.indices.filter { !document.units[$0].isDone }
            var next = 0
            var fault: (any Error)?
            func start() {
                guard next < units.count, fault == nil, stopController.reason == nil else { return }
                let unit = units[next]
                next += 1
                group.addTask {
                    do {
                        try await self.read(unit)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            for _ in 0..<concurrentUnits { start() }
            for await ended in group {
                if let ended {
                    fault = fault ?? ended
                    gate.close()
                }
                start()
            }
            return fault
        }
    }

    private func read(_ unit: Int) async throws {
        let state = document.units[unit]
        switch (state.extent, state.position) {
        case (.files(let indexes), .line(let position)):
            let files = indexes.map { document.job.files[$0] }
            var reader = DumpReader(files: files, from: position)
            try await read(unit, from: &reader, fileNames: files.map { $0.path.lastPathComponent })
        case (.partition(let topic, let number, let ranges), .offset(let offset)):
            guard let consumer else { preconditionFailure("A partition is to be read without a Kafka source.") }
            var reader = consumer.reader(topic: topic, partition: number, ranges: ranges, from: offset)
            try await read(unit, from: &reader, fileNames: [])
        case (.files, .offset), (.partition, .line):
            preconditionFailure("A unit has a position of another kind of source.")
        }
    }

    private func read<Source: RecordSource & ~Copyable>(
        _ unit: Int, from source: inout Source, fileNames: [String]
    ) async throws {
        let reader = UnitReader(
            decoder: ChunkDecoder(plan: plan, lanes: lanes.count, unit: unit, fileNames: fileNames),
            width: Self.concurrency + 1)
        let end = try await reader.read(
            &source,
            isStopped: { self.stopController.reason != nil || Task.isCancelled },
            onRead: { chunk in
                self.board.update {
                    $0.sizeRead += chunk.size
                    $0.bytesRead += chunk.bytesRead
                }
            },
            route: { chunk in try await self.route(chunk, of: unit) })
        if let end { keeper.finish(unit: unit, at: end) }
    }

    /// Hands a chunk to the lanes.
    ///
    /// - Returns: false when the run is stopping and the chunk was not taken.
    private func route(_ chunk: DecodedChunk, of unit: Int) async throws -> Bool {
        try rejects.keep(chunk.rejects)
        let bytes = chunk.operations.reduce(0) { $0 + Int($1.size) }
        guard
            await gate.enter(
                rows: chunk.operations.count, bytes: bytes,
                whenFull: { for lane in lanes { lane.flush() } })
        else { return false }
        let token = keeper.track(chunk, unit: unit, bytes: bytes)
        board.update { $0.records += chunk.counts }
        for lane in lanes { lane.add(chunk, token: token) }
        return true
    }

    // MARK: Writing

    /// - Returns: whether the server has taken all of it.
    private func write(
        _ batch: RowBatch, after earlier: RowBatch?, with writer: BatchWriter, target: some VectorStore
    ) async throws -> Bool {
        let (shares, refusals) = try await writer.write(batch, after: earlier)
        if !refusals.isEmpty {
            // Rows are not to be blamed for a collection that is not the one they were made for.
            try requireSameTarget(try await target.describe())
            try await keep(refusals.map { ($0.operation, $0.words) }, of: batch)
        }
        let freed = keeper.settle(batch.tokens, shares)
        var settled = RecordCounts()
        var rows = 0
        for share in shares {
            settled.upserted += share.upserted
            settled.deleted += share.deleted
            settled.superseded += share.superseded
            settled.rejected += share.rejected
            settled.newer += share.newer
            rows += share.total
        }
        gate.leave(rows: rows, bytes: freed)
        board.update { $0.records += settled }
        return refusals.isEmpty
    }

    /// Keeps records that the server refuses; they are durable when this returns.
    private func keep(
        _ refusals: [(operation: RowBatch.OperationReference, words: String)], of batch: RowBatch
    ) async throws {
        for (chunk, refusals) in Dictionary(grouping: refusals, by: \.operation.chunk) {
            let (unit, start) = (batch.tokens[chunk].unit, batch.chunks[chunk].start)
            var reasons: [Int64: String] = [:]
            for refusal in refusals {
                reasons[batch.operation(refusal.operation).record] = "the server refuses the row: \(refusal.words)"
            }
            guard spec.record.onReject != .fail else {
                guard let (record, reason) = reasons.min(by: { $0.key < $1.key }) else { continue }
                throw EngineError.refused(
                    place: refused.place(of: record, unit: unit, from: start), reason: reason)
            }
            try rejects.keep(try await refused.rejects(ofUnit: unit, from: start, reasons: reasons))
        }
    }

    // MARK: The collection

    /// Looks now and then whether the collection is still the one that the run began with.
    private func watchTarget(_ store: some VectorStore) async throws {
        while true {
            try await Task.sleep(for: Self.targetInterval)
            let schema: CollectionSchema
            do throws(StoreError) {
                schema = try await store.describe()
            } catch {
                // Writes will tell, and before the job's end it is asked for again.
                log.debug("target.unknown", metadata: ["error": "\(error)"])
                continue
            }
            try requireSameTarget(schema)
        }
    }

    private func requireSameTarget(_ schema: CollectionSchema) throws(EngineError) {
        let differences = CheckpointComparison(
            of: document, with: document.job, collection: CheckpointDocument.Collection(schema)
        ).differences
        guard differences.isEmpty else {
            throw .targetChanged(spec.target.collection, differences: differences.map(\.description))
        }
    }

    // MARK: Time

    /// Writes the checkpoint every now and then, and lets no row wait long for its batch to fill.
    private func keepTime() async throws {
        let clock = ContinuousClock()
        var saved: CheckpointDocument?
        var interval = Self.firstCheckpointInterval
        while true {
            try await clock.sleep(for: interval)
            interval = min(interval * 2, Self.checkpointInterval)
            try keeper.save(saved: &saved)
            for lane in lanes { lane.flush() }
        }
    }

    private func limitDrain() async throws {
        let (stops, continuation) = AsyncStream.makeStream(of: Void.self)
        stopController.onStop { continuation.finish() }
        for await _ in stops {}
        try await Task.sleep(for: Self.drainTime)
        throw DrainTimeout()
    }

    private static let concurrency = max(1, ProcessorCount.available)
}
