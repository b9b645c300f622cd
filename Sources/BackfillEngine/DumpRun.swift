public import BackfillCore
public import DumpWriter
import KafkaReader
public import Logging

/// Writes the ranges of a Kafka source into the files of a dump, from where an earlier run stopped to their ends.
public final class DumpRun: Sendable {
    private let consumer: KafkaConsumer
    private let writer: DumpWriter
    private let stopController: StopController
    private let board = StatisticsBoard()

    /// - Parameter stallTime: a partition from which nothing has come for so long is given up.
    /// - Throws: `KafkaError` when librdkafka cannot be started with the job's properties.
    public init(
        source: KafkaSource, writer: DumpWriter, stallTime: Duration, stopController: StopController, log: Logger
    ) throws {
        self.writer = writer
        self.stopController = stopController
        self.consumer = try KafkaConsumer(
            source, concurrency: min(JobRun.concurrentPartitions, writer.manifest.partitions.count),
            processors: ProcessorCount.available, stallTime: stallTime, onEvent: log.kafkaEvents)
    }

    /// What the run has done so far.
    public var statistics: RunStatistics { board.current }

    /// Works until the ends of all ranges, or until it is asked to stop.
    ///
    /// What was read is in the files and counted by the manifest when this returns or throws, unless writing failed.
    ///
    /// - Throws: `KafkaError`, `DumpWriteError`.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let partitions = writer.manifest.partitions
            var open = partitions.indices.filter { !partitions[$0].isDone }[...]
            func start() {
                guard stopController.reason == nil, let index = open.popFirst() else { return }
                group.addTask { try await self.dump(partitions[index], at: index) }
            }
            for _ in 0..<JobRun.concurrentPartitions { start() }
            while try await group.next() != nil { start() }
        }
    }

    private func dump(_ partition: DumpManifest.Partition, at index: Int) async throws {
        var output = try writer.openPartition(index)
        var reader = consumer.reader(
            topic: partition.topic, partition: partition.number, ranges: partition.ranges, from: output.nextOffset)
        while stopController.reason == nil, !Task.isCancelled {
            let step: SourceStep
            do {
                step = try await reader.next()
            } catch {
                try output.flush()
                throw error
            }
            switch step {
            case .chunk(.messages(let chunk)):
                try output.append(chunk)
                board.update {
                    $0.sizeRead += SourceChunk.messages(chunk).size
                    $0.bytesRead += chunk.bytes.count
                    $0.records.read += chunk.messages.count
                    $0.records.absent += chunk.absent
                }
            case .end: return try output.finish()
            case .idle, .chunk(.lines): break
            }
        }
        try output.flush()
    }
}

extension DumpManifest {
    /// What is read of the partitions, and how far it is written.
    public var units: [CheckpointDocument.Unit] {
        partitions.map { partition in
            var unit = CheckpointDocument.Unit(
                topic: partition.topic, partition: partition.number, ranges: partition.ranges,
                position: partition.nextOffset)
            unit.gaps = partition.gaps
            return unit
        }
    }
}

extension DumpManifest.Partition {
    /// A partition of which nothing is written yet; nil for a unit of files.
    public init?(_ unit: CheckpointDocument.Unit) {
        guard case .partition(let topic, let number, let ranges) = unit.extent, case .offset(let offset) = unit.position
        else { return nil }
        self.init(topic: topic, number: number, ranges: ranges)
        nextOffset = offset
        gaps = unit.gaps
    }
}
