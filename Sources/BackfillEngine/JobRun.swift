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
    /// Enough that brokers have something to send while the messages of others are decoded.
    static let concurrentPartitions = 8

    private let spec: JobSpec
    private let document: CheckpointDocument
    private let plan: RecordPlan
    private let stopController: StopController
    private let log: Logger
    private let lanes: [Lane]
    private let gate: FlowGate
    private let keeper: CheckpointKeeper
    private let rejects: RejectLog
    private let board = StatisticsBoard()
    /// nil where the source is a dump.
    private let consumer: KafkaConsumer?
    /// Units that are read at the same time.
    private let concurrentUnits: Int

    /// - Parameters:
    ///   - document: the job's checkpoint as it stands now, already on disk.
    ///   - isDryRun: reads and decodes everything, and leaves checkpoint and reject file alone.
    ///   - now: the time in RFC 3339.
    /// - Throws: `CheckpointError` when the reject file cannot be opened or belongs to another job, `KafkaError` when
    ///   librdkafka cannot be started with the job's properties.
    public init(
        spec: JobSpec,
        document: CheckpointDocument,
        plan: RecordPlan,
        isDryRun: Bool,
        stopController: StopController,
        log: Logger,
        now: @escaping @Sendable () -> String
    ) throws {
        self.spec = spec
        self.document = document
        self.plan = plan
        self.stopController = stopController
        self.log = log
        let laneCount = spec.run.lanes ?? Self.defaultLanes
        self.lanes = (0..<laneCount).map {
            Lane(index: $0, batchRows: spec.run.batchRows, batchBytes: spec.run.batchBytes)
        }
        // For each lane a batch in flight, one that waits, and half a one to build the next from.
        self.gate = FlowGate(
            maximumRows: laneCount * spec.run.batchRows * 5 / 2, maximumBytes: spec.run.memory)
        self.keeper = CheckpointKeeper(
            document: document, file: isDryRun ? nil : CheckpointFile(path: spec.run.checkpoint), now: now)
        self.rejects = try RejectLog(document: document, policy: spec.record.onReject, isDryRun: isDryRun)
        switch spec.source {
        case .dump:
            self.concurrentUnits = Self.concurrency
            self.consumer = nil
        case .kafka(let source):
            self.concurrentUnits = Self.concurrentPartitions
            self.consumer = try KafkaConsumer(
                source, concurrency: min(Self.concurrentPartitions, document.units.count),
                processors: ProcessorCount.available, onEvent: log.kafkaEvents)
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
    /// - Throws: `DumpError`, `KafkaError`, `EngineError`, `StoreError`, `CheckpointError`.
    public func run(into store: some VectorStore) async throws {
        stopController.onStop { [gate] in gate.close() }
        do {
            try await runGroup(store)
            try keeper.close(lastError: nil)
        } catch {
            let cause = (error as? DrainTimeout) == nil ? error : nil
            try keeper.close(lastError: cause.map { "\($0)" })
            if let cause { throw cause }
        }
    }

    /// What is still on its way when a stop has taken too long: it stays unacknowledged and is sent again by the next run.
    private struct DrainTimeout: Error {}

    private func runGroup(_ store: some VectorStore) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.work(store) }
            group.addTask { try await self.keepTime() }
            group.addTask { try await self.limitDrain() }
            defer { group.cancelAll() }
            // The other two only ever end by throwing.
            try await group.next()
        }
    }

    private func work(_ store: some VectorStore) async throws {
        let retrying = RetryingStore(
            base: store, clock: ContinuousClock(), random: SystemRandomNumberGenerator()
        ) { [board, log] error, pause in
            board.update { $0.retries += 1 }
            log.warning("store.retry", metadata: ["error": "\(error)", "pause": "\(pause)"])
        }
        let readers = try await withThrowingTaskGroup(of: (any Error)?.self) { group in
            for lane in lanes {
                group.addTask {
                    while let batch = await lane.next() { try await self.write(batch, to: retrying) }
                    return nil
                }
            }
            group.addTask {
                let fault = await self.readUnits()
                for lane in self.lanes { lane.close() }
                return fault
            }
            var fault: (any Error)?
            for try await ended in group { fault = fault ?? ended }
            return fault
        }
        if let readers { throw readers }
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

    private func write(_ batch: RowBatch, to store: some VectorStore) async throws {
        let encoded = store.encode(batch)
        do throws(StoreError) {
            try await store.write(encoded)
        } catch .tooLarge(let text) {
            guard let (first, second) = batch.halves() else { throw StoreError.tooLarge(text) }
            log.warning("store.halve", metadata: ["error": "\(text)"])
            try await write(first, to: store)
            try await write(second, to: store)
            return
        }
        let freed = keeper.settle(batch)
        var settled = RecordCounts()
        for share in batch.shares {
            settled.upserted += share.upserted
            settled.deleted += share.deleted
            settled.superseded += share.superseded
        }
        gate.leave(rows: settled.upserted + settled.deleted + settled.superseded, bytes: freed)
        board.update { statistics in
            statistics.records += settled
            statistics.requests += encoded.requests.count
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
