public import BackfillCore
public import Checkpoints
import DumpReader
import DumpWriter
import KafkaReader
public import Logging
public import RowDecoding
import Synchronization
public import Verification

/// What a comparison of source and collection came to.
public struct VerifyOutcome: Sendable {
    /// How much of the source and of the collection was compared.
    public struct Sample: Sendable {
        /// Keys that were drawn from the source.
        public var sourceKeys: Int
        /// About how many the source has.
        public var estimatedSourceKeys: Int
        /// Differences among them.
        public var sourceDifferences: Int
        /// Keys that were drawn from the collection.
        public var collectionKeys: Int
        public var estimatedCollectionKeys: Int
    }

    public var differences: Differences
    /// nil where all keys were compared.
    public var sample: Sample?
    /// Records that do not make a row: nothing is expected of them.
    public var rejectedRecords: Int
    /// Offsets of the source whose messages were lost.
    public var lostOffsets: Int
    /// Messages that were compacted away since the job read them.
    public var compactedOffsets: Int
}

/// Compares what a job has read with what is in its collection, and writes what mends the differences.
public final class VerifyRun: Sendable {
    public enum Scope: Sendable, Equatable {
        /// Some thousand keys, drawn by a seed.
        case sample(seed: UInt64)
        case all
    }

    /// Keys of a sample: at least half as many, where there are so many, so that without a difference fewer than one in a
    /// thousand differ with a confidence of 95 %.
    private static let sampleCapacity = 6000

    private let spec: JobSpec
    private let document: CheckpointDocument
    private let plan: RecordPlan
    private let limits: ServerLimits
    private let stopController: StopController
    private let log: Logger
    /// Records that may have been written or not: those of the reject file.
    private let rejected: Set<RecordPlace>
    /// Tells how new rows are, where the job leaves newer ones alone, by the field at `versionColumn` of the plan.
    private let versions: RowVersions?
    private let versionColumn: Int
    private let retry: ServerRetry
    private let board = StatisticsBoard()
    private let missingMessages = Mutex(MissingMessages())

    /// - Parameters:
    ///   - document: says which units are compared, and up to which position what they hold must be in the collection. Of
    ///     keys with a record behind it nothing is expected.
    ///   - limits: those of the server.
    ///   - retry: repeats queries.
    /// - Throws: `CheckpointError` when the job's reject file cannot be read.
    public init(
        spec: JobSpec, document: CheckpointDocument, plan: RecordPlan, limits: ServerLimits, retry: ServerRetry,
        stopController: StopController, log: Logger
    ) throws(CheckpointError) {
        self.spec = spec
        self.document = document
        self.plan = plan
        self.limits = limits
        self.versions = spec.run.ifNewer.flatMap { RowVersions(of: $0, in: plan) }
        self.versionColumn = plan.fields.firstIndex { $0.name == spec.run.ifNewer } ?? 0
        self.retry = retry
        self.stopController = stopController
        self.log = log
        var rejected: Set<RecordPlace> = []
        if let path = spec.rejectPath {
            for place in try RejectFile.places(in: path) {
                rejected.insert(RecordPlace(unit: place.unit, position: place.position))
            }
            for place in try RejectFile.places(ofEarlierRounds: path) {
                let unit = document.units.firstIndex {
                    guard case .partition(place.topic, let number, _) = $0.extent else { return false }
                    return Int(number) == place.partition
                }
                if let unit { rejected.insert(RecordPlace(unit: unit, position: place.position)) }
            }
        }
        self.rejected = rejected
    }

    /// What was read so far.
    public var statistics: RunStatistics { board.current }

    // MARK: Comparing

    /// Compares until all is done or the run is asked to stop.
    ///
    /// - Returns: nil when it was stopped.
    /// - Throws: `DumpError`, `KafkaError`, `StoreError`, `CheckpointError`.
    public func compare(_ scope: Scope, with store: some CollectionStore) async throws -> VerifyOutcome? {
        let outcome = try await untilStopped {
            switch scope {
            case .sample(let seed): try await self.compareSample(seed, with: store)
            case .all: try await self.compareAll(with: store)
            }
        }
        // A join that sees the stop first leaves the rest of the keys out.
        return stopController.reason == nil ? outcome : nil
    }

    private func compareSample(_ seed: UInt64, with store: some CollectionStore) async throws -> VerifyOutcome {
        let sampler = Mutex(KeySampler<KeyRecords>(seed: seed, capacity: Self.sampleCapacity))
        try await readUnits { chunk, unit in
            var digester = RowDigester(limits: self.limits)
            sampler.withLock { sampler in
                for operation in chunk.operations {
                    let key = chunk.key(of: operation)
                    guard sampler.draws(key) else { continue }
                    let record = self.record(operation, of: chunk, unit: unit, &digester)
                    sampler.draw(key, initially: KeyRecords()) { $0.add(record) }
                }
            }
        }
        let (expected, gone) = (sampler.withLock(\.self), missingMessages.withLock(\.self))
        log.info(
            "verify.source",
            metadata: ["records": .number(statistics.records.read), "drawn": .number(expected.values.count)])

        let found = Mutex(
            KeySampler<Void>(seed: seed, capacity: Self.sampleCapacity, halvings: expected.halvings))
        try await pages(of: [keyField], in: store).forEach { page in
            found.withLock { found in
                for row in 0..<page[0].count { found.draw(page[0].key(ofRow: row), initially: ()) }
            }
        }
        let rows = found.withLock(\.self)
        log.info("verify.collection", metadata: ["drawn": .number(rows.values.count)])

        var differences = Differences(isSourceWhole: gone.isNone)
        var digester = RowDigester(limits: limits)
        let columns = orderedColumns
        try await pages(of: queriedFields, in: store).forEach(of: expected.values.keys.sorted()) { asked, page in
            var found: [PrimaryKey: (digest: RowDigest, version: RowVersion)] = [:]
            let ordered = columns.map { page[$0] }
            for row in 0..<page[0].count {
                found[page[0].key(ofRow: row)] = (digester.digest(row: row, of: ordered), version(row, of: ordered))
            }
            for key in asked {
                guard let records = expected.values[key] else { continue }
                let row = found[key]
                differences.add(records.verdict(on: row?.digest, version: row?.version ?? .none), on: key)
            }
        }
        let sample = VerifyOutcome.Sample(
            sourceKeys: differences.checked, estimatedSourceKeys: expected.estimatedKeys,
            sourceDifferences: differences.count, collectionKeys: rows.values.count,
            estimatedCollectionKeys: rows.estimatedKeys)
        for key in rows.values.keys.sorted() where expected.values[key] == nil {
            differences.add(.withoutRecord, on: key)
        }
        return VerifyOutcome(
            differences: differences, sample: expected.isWhole && rows.isWhole ? nil : sample,
            rejectedRecords: statistics.records.rejected, lostOffsets: gone.lost, compactedOffsets: gone.compacted)
    }

    private func compareAll(with store: some CollectionStore) async throws -> VerifyOutcome {
        let join = Mutex(try KeyJoin(beside: spec.run.checkpoint))
        try await readUnits { chunk, unit in
            var digester = RowDigester(limits: self.limits)
            let records = chunk.operations.map { self.record($0, of: chunk, unit: unit, &digester) }
            try join.withLock { join in
                for (operation, record) in zip(chunk.operations, records) {
                    try join.add(record, of: chunk.key(of: operation))
                }
            }
        }
        log.info("verify.source", metadata: ["records": .number(statistics.records.read)])

        let columns = orderedColumns
        let limits = limits
        try await pages(of: queriedFields, in: store).forEach { page in
            var digester = RowDigester(limits: limits)
            let ordered = columns.map { page[$0] }
            let digests = (0..<page[0].count).map { digester.digest(row: $0, of: ordered) }
            try join.withLock { join in
                for (row, digest) in digests.enumerated() {
                    try join.add(row: digest, version: self.version(row, of: ordered), of: page[0].key(ofRow: row))
                }
            }
        }
        log.info("verify.collection")

        let gone = missingMessages.withLock(\.self)
        var differences = Differences(isSourceWhole: gone.isNone)
        try join.withLock { join in
            try join.judge(isStopped: { self.stopController.reason != nil }) { differences.add($0, on: $1) }
        }
        return VerifyOutcome(
            differences: differences, sample: nil, rejectedRecords: statistics.records.rejected, lostOffsets: gone.lost,
            compactedOffsets: gone.compacted)
    }

    /// What a decoded record leaves of its key.
    private func record(
        _ operation: RowOperation, of chunk: DecodedChunk, unit: Int, _ digester: inout RowDigester
    ) -> KeyRecords.Record {
        var file = 0
        if case .line(let position) = chunk.start { file = position.file }
        let place = RecordPlace(unit: unit, file: file, record: operation.record)
        guard place < document.units[unit].position, !rejected.contains(place) else {
            return KeyRecords.Record(.unknown, at: place)
        }
        guard !operation.isDelete else { return KeyRecords.Record(.noRow, at: place) }
        let row = Int(operation.row)
        return KeyRecords.Record(
            .row(digester.digest(row: row, of: chunk.columns)), version: version(row, of: chunk.columns), at: place)
    }

    /// How new a row is; one whose value cannot be read was not written by the job, and is no newer than any.
    private func version(_ row: Int, of columns: [Column]) -> RowVersion {
        versions?.version(ofRow: row, in: columns[versionColumn]) ?? .none
    }

    private func pages<Store: CollectionStore>(of fields: [FieldSchema], in store: Store) -> CollectionPages<Store> {
        CollectionPages(store: store, retry: retry, fields: fields)
    }

    private var keyField: FieldSchema { plan.fields[plan.keyColumn] }

    /// The fields that the job writes, the primary key first.
    private var queriedFields: [FieldSchema] {
        [keyField] + plan.fields.indices.filter { $0 != plan.keyColumn }.map { plan.fields[$0] }
    }

    /// For each field of the plan its place among the queried ones.
    private var orderedColumns: [Int] {
        plan.fields.indices.map { $0 == plan.keyColumn ? 0 : $0 < plan.keyColumn ? $0 + 1 : $0 }
    }

    // MARK: Mending

    /// Writes the messages that mend the differences: the records that are missing or stale as they stand in the source, and
    /// tombstones for unexpected keys.
    ///
    /// - Returns: how many messages that are; nil when the run was stopped.
    /// - Throws: `DumpError`, `KafkaError`, `CheckpointError`, and `EngineError.differingRecordsGone`.
    public func writeMessages(that differences: Differences, to path: String) async throws -> Int? {
        try await untilStopped {
            let file = Mutex(try MessageFile(path: path))
            for (unit, places) in Dictionary(grouping: differences.records, by: \.unit).sorted(by: { $0.key < $1.key })
            {
                var found = 0
                try await self.forEachRecord(at: places, ofUnit: unit) { record in
                    found += 1
                    try file.withLock { try $0.append(record) }
                }
                guard found == places.count else { throw EngineError.differingRecordsGone(count: places.count - found) }
            }
            if self.spec.record.tombstones == .delete {
                for (index, key) in differences.unexpectedKeys.enumerated() {
                    guard let bytes = self.spec.record.key.bytes(of: key) else { continue }
                    let tombstone = Reject(
                        unit: 0, position: .offset(Int64(index)), topic: "unexpected", partition: 0,
                        offset: Int64(index), key: bytes, payload: nil, reason: "")
                    try file.withLock { try $0.append(tombstone) }
                }
            }
            try file.withLock { try $0.commit() }
            return file.withLock { $0.count }
        }
    }

    private func forEachRecord(
        at places: [RecordPlace], ofUnit unit: Int, _ take: (Reject) throws -> Void
    ) async throws {
        switch document.units[unit].extent {
        case .files(let indexes):
            let files = indexes.map { document.job.files[$0] }
            let decoder = decoder(unit, files)
            let wanted = Dictionary(grouping: places, by: \.file).mapValues { places in
                Dictionary(uniqueKeysWithValues: places.map { ($0.record, "") })
            }
            var left = places.count
            var reader = DumpReader(files: files)
            while left > 0, let chunk = try reader.nextChunk() {
                try Task.checkCancellation()
                guard let lines = wanted[chunk.start.file] else { continue }
                for record in decoder.rejects(of: .lines(chunk), reasons: lines) {
                    left -= 1
                    try take(record)
                }
            }
        case .partition(let topic, let number, _):
            let reasons = Dictionary(uniqueKeysWithValues: places.map { ($0.record, "") })
            let ranges = OffsetRange.covering(reasons.keys.sorted())
            guard let consumer = try consumer(partitions: 1), let start = ranges.first?.start else { return }
            let decoder = decoder(unit, [])
            var reader = consumer.reader(topic: topic, partition: number, ranges: ranges, from: start)
            while true {
                try Task.checkCancellation()
                switch try await reader.next() {
                case .chunk(let chunk): for record in decoder.rejects(of: chunk, reasons: reasons) { try take(record) }
                case .idle: continue
                case .end: return
                }
            }
        }
    }

    // MARK: Reading

    /// Reads all units from their beginning, a few at a time, and hands on their chunks, those of a unit in order.
    private func readUnits(_ take: @Sendable @escaping (DecodedChunk, _ unit: Int) throws -> Void) async throws {
        let consumer = try consumer(partitions: document.units.count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            var next = document.units.indices.makeIterator()
            func start() {
                guard let unit = next.next() else { return }
                group.addTask { try await self.read(unit, consumer, take) }
            }
            for _ in 0..<(consumer == nil ? ProcessorCount.available : JobRun.concurrentPartitions) { start() }
            while try await group.next() != nil { start() }
        }
    }

    private func read(
        _ unit: Int, _ consumer: KafkaConsumer?, _ take: @Sendable @escaping (DecodedChunk, _ unit: Int) throws -> Void
    ) async throws {
        switch document.units[unit].extent {
        case .files(let indexes):
            let files = indexes.map { document.job.files[$0] }
            var reader = DumpReader(files: files)
            try await read(unit, from: &reader, decoder(unit, files), take)
        case .partition(let topic, let number, let ranges):
            guard let consumer, let start = ranges.first?.start else { return }
            var reader = consumer.reader(topic: topic, partition: number, ranges: ranges, from: start)
            try await read(unit, from: &reader, decoder(unit, []), take)
        }
    }

    private func read<Source: RecordSource & ~Copyable>(
        _ unit: Int, from source: inout Source, _ decoder: ChunkDecoder,
        _ take: @Sendable @escaping (DecodedChunk, _ unit: Int) throws -> Void
    ) async throws {
        var absent = 0
        _ = try await UnitReader(decoder: decoder, width: ProcessorCount.available + 1).read(
            &source, isStopped: { Task.isCancelled },
            onRead: { chunk in
                board.update {
                    $0.sizeRead += chunk.size
                    $0.bytesRead += chunk.bytesRead
                }
            },
            route: { chunk in
                try take(chunk, unit)
                absent += chunk.counts.absent
                missingMessages.withLock { $0.lost += chunk.gaps.reduce(0) { $0 + Int($1.count) } }
                board.update { $0.records += chunk.counts }
                return true
            })
        // Markers of transactions were absent when the job read them, and messages that were compacted away were not.
        let compacted = absent - document.units[unit].absentBefore
        if compacted > 0 { missingMessages.withLock { $0.compacted += compacted } }
    }

    private func decoder(_ unit: Int, _ files: [CheckpointDocument.SourceFile]) -> ChunkDecoder {
        ChunkDecoder(plan: plan, lanes: 1, unit: unit, fileNames: files.map { $0.path.lastPathComponent })
    }

    /// nil where the source is a dump.
    private func consumer(partitions: Int) throws -> KafkaConsumer? {
        guard case .kafka(var source) = spec.source else { return nil }
        // What has gone since the job read it cannot be compared, and is counted.
        source.onDataLoss = .skip
        return try KafkaConsumer(
            source, concurrency: min(JobRun.concurrentPartitions, partitions), processors: ProcessorCount.available,
            stallTime: spec.run.unavailableTimeout, onEvent: log.kafkaEvents)
    }

    /// Works until the work is done, or nobody waits for it any more.
    private func untilStopped<Result: Sendable>(
        _ work: @Sendable @escaping () async throws -> Result
    ) async throws -> Result? {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask { [stopController] in
                let (stops, continuation) = AsyncStream.makeStream(of: Void.self)
                stopController.onStop { continuation.finish() }
                for await _ in stops {}
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}

extension DecodedChunk {
    fileprivate func key(of operation: RowOperation) -> PrimaryKey {
        (operation.isDelete ? deletedKeys : columns[keyColumn]).key(ofRow: Int(operation.row))
    }
}

/// Messages that the job has read, and that are not there any more.
private struct MissingMessages {
    var lost = 0
    var compacted = 0

    var isNone: Bool { lost == 0 && compacted == 0 }
}

extension RecordPlace {
    fileprivate init(unit: Int, position: SourcePosition) {
        switch position {
        case .line(let place): self.init(unit: unit, file: place.file, record: Int64(place.line))
        case .offset(let offset): self.init(unit: unit, file: 0, record: offset)
        }
    }

    fileprivate static func < (place: RecordPlace, position: SourcePosition) -> Bool {
        switch position {
        case .line(let line): (place.file, place.record) < (line.file, Int64(line.line))
        case .offset(let offset): place.record < offset
        }
    }
}

extension OffsetRange {
    /// Between two wanted messages so many others are read: that takes less time than another fetch.
    private static let nearness: Int64 = 1000

    /// Ranges that hold these ascending offsets, and few others.
    fileprivate static func covering(_ offsets: [Int64]) -> [OffsetRange] {
        var ranges: [OffsetRange] = []
        for offset in offsets {
            if let last = ranges.last, offset - last.end <= nearness {
                ranges[ranges.count - 1].end = offset + 1
            } else {
                ranges.append(OffsetRange(start: offset, end: offset + 1))
            }
        }
        return ranges
    }
}
