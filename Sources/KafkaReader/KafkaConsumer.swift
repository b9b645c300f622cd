public import BackfillCore

/// How much and how long a consumer waits and keeps.
package struct KafkaLimits: Sendable {
    /// Bytes of messages after which a chunk is full; the message that fills it is part of it.
    package var chunkBytes = 1 << 20
    /// What librdkafka reads ahead for all partitions that are read at the same time.
    package var queueBytes = 128 << 20
    /// A partition from which neither a message nor the end of its log has come for so long is given up.
    package var stallTime = Duration.seconds(300)
    /// For questions that are asked while reading.
    package var answerTime = Duration.seconds(10)

    package init() {}
}

/// Reads partitions of a cluster.
public struct KafkaConsumer: Sendable {
    /// librdkafka receives and decompresses what a broker sends with one thread for each consumer: a few of them read
    /// faster than one (`benchmarks/README.md`), and more only add connections.
    private static let mostClients = 4

    /// The partitions are spread over them by their numbers.
    private let clients: [KafkaClient]
    private let source: KafkaSource
    private let limits: KafkaLimits
    private let calls = PartitionCalls()

    /// Connects to nothing yet.
    ///
    /// - Parameters:
    ///   - concurrency: Partitions that are read at the same time.
    ///   - processors: How many this process may use.
    ///   - stallTime: A partition from which neither a message nor the end of its log has come for so long is given up.
    ///   - onEvent: Called for what librdkafka says about its connections.
    /// - Throws: `KafkaError.property`, `KafkaError.client`.
    public init(
        _ source: KafkaSource, concurrency: Int, processors: Int, stallTime: Duration,
        onEvent: @escaping @Sendable (KafkaEvent) -> Void
    ) throws(KafkaError) {
        var limits = KafkaLimits()
        limits.stallTime = stallTime
        try self.init(source, concurrency: concurrency, processors: processors, limits: limits, onEvent: onEvent)
    }

    package init(
        _ source: KafkaSource, concurrency: Int, processors: Int = 1, limits: KafkaLimits,
        onEvent: @escaping @Sendable (KafkaEvent) -> Void
    ) throws(KafkaError) {
        let configuration = KafkaConfiguration(
            source, queueBytes: limits.queueBytes / max(1, concurrency), usesGroup: false)
        let count = max(1, min(concurrency, processors, Self.mostClients))
        self.clients = try (0..<count).map { _ throws(KafkaError) in try KafkaClient(configuration, onEvent: onEvent) }
        self.source = source
        self.limits = limits
    }

    /// A reader of a partition's ranges from a position on. A partition is read by one reader at a time; the next one may
    /// be made as soon as the one before it is gone.
    public func reader(
        topic: String, partition: Int32, ranges: [OffsetRange], from position: Int64
    ) -> PartitionReader {
        let partition = TopicPartition(topic: topic, number: partition)
        let work = PartitionWork(
            clients[Int(partition.number) % clients.count], partition,
            RangeCursor(ranges: ranges, position: position), onDataLoss: source.onDataLoss, limits: limits)
        return PartitionReader(work, calls.queue(for: partition))
    }
}
