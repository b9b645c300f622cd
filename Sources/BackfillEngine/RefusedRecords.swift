import BackfillCore
import DumpReader
import KafkaReader
import Logging
import RowDecoding

/// Reads records again that the server refuses. Their text is not kept while their rows are on the way: it is larger
/// than the rows, and hardly ever needed.
struct RefusedRecords: Sendable {
    let spec: JobSpec
    let document: CheckpointDocument
    let plan: RecordPlan
    let log: Logger

    /// Rejects for records of one chunk.
    ///
    /// - Parameters:
    ///   - start: where the chunk begins.
    ///   - reasons: for each record, by its offset or the number of its line, why it is refused.
    /// - Throws: `DumpError`, `KafkaError`, and `EngineError.refusedRecordGone` when the source does not have one any
    ///   more: without its text it cannot be kept.
    func rejects(ofUnit unit: Int, from start: SourcePosition, reasons: [Int64: String]) async throws -> [Reject] {
        let rejects =
            switch (document.units[unit].extent, start) {
            case (.files(let indexes), .line(let position)):
                try lines(unit, indexes.map { document.job.files[$0] }, position, reasons)
            case (.partition(let topic, let number, _), .offset):
                try await messages(unit, topic, number, reasons)
            case (.files, .offset), (.partition, .line):
                preconditionFailure("A chunk begins at a place of another kind of source.")
            }
        let found = Set(rejects.map(\.position.record))
        if let (record, reason) = reasons.first(where: { !found.contains($0.key) }) {
            throw EngineError.refusedRecordGone(place: place(of: record, unit: unit, from: start), reason: reason)
        }
        return rejects
    }

    /// A record's place, for people.
    func place(of record: Int64, unit: Int, from start: SourcePosition) -> String {
        var position = start
        switch start {
        case .line(var line):
            line.line = Int(record)
            position = .line(line)
        case .offset: position = .offset(record)
        }
        return document.text(of: position, in: document.units[unit])
    }

    private func lines(
        _ unit: Int, _ files: [CheckpointDocument.SourceFile], _ start: DumpPosition, _ reasons: [Int64: String]
    ) throws -> [Reject] {
        let decoder = ChunkDecoder(
            plan: plan, lanes: 1, unit: unit, fileNames: files.map { $0.path.lastPathComponent })
        var reader = DumpReader(files: files, from: start)
        var rejects: [Reject] = []
        while rejects.count < reasons.count, let chunk = try reader.nextChunk(), chunk.start.file == start.file {
            rejects += decoder.rejects(of: .lines(chunk), reasons: reasons)
        }
        return rejects
    }

    private func messages(
        _ unit: Int, _ topic: String, _ partition: Int32, _ reasons: [Int64: String]
    ) async throws -> [Reject] {
        guard case .kafka(let source) = spec.source else {
            preconditionFailure("A partition is to be read without a Kafka source.")
        }
        let decoder = ChunkDecoder(plan: plan, lanes: 1, unit: unit)
        // A partition has one reader at a time in a consumer, and this one is being read in another.
        let consumer = try KafkaConsumer(
            source, concurrency: 1, processors: 1, stallTime: spec.run.unavailableTimeout, onEvent: log.kafkaEvents)
        let ranges = reasons.keys.sorted().map { OffsetRange(start: $0, end: $0 + 1) }
        guard let first = ranges.first else { return [] }
        var reader = consumer.reader(topic: topic, partition: partition, ranges: ranges, from: first.start)
        var rejects: [Reject] = []
        while true {
            try Task.checkCancellation()
            switch try await reader.next() {
            case .chunk(let chunk): rejects += decoder.rejects(of: chunk, reasons: reasons)
            case .idle: continue
            case .end: return rejects
            }
        }
    }
}

extension SourcePosition {
    /// The offset of the record that begins here, or the number of its line.
    fileprivate var record: Int64 {
        switch self {
        case .line(let position): Int64(position.line)
        case .offset(let offset): offset
        }
    }
}
