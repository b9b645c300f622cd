import BackfillCore
import KafkaReader
import MockKafka

/// The cluster that all tests share, because making one and ending it take seconds. Its tests run one after the other:
/// a fault meets every client.
enum TestCluster {
    private static let result = Result { () throws(MockKafkaError) in try MockKafka(brokers: 2) }

    static func shared() throws -> MockKafka { try result.get() }

    /// A job's source on the cluster.
    static func source(
        _ properties: [String: String] = [:], ranges: [TopicRange] = [], onDataLoss: KafkaSource.DataLoss = .fail
    ) throws -> KafkaSource {
        var all = [
            "bootstrap.servers": try shared().bootstrapServers,
            // The mock tells the end of a log only after this time.
            "fetch.wait.max.ms": "10",
        ]
        all.merge(properties) { _, own in own }
        return KafkaSource(properties: all.mapValues { Secret($0) }, ranges: ranges, onDataLoss: onDataLoss)
    }

    /// As in a run, but nothing is waited for so long that a test could hang.
    static func limits(stallTime: Duration = .seconds(20), chunkBytes: Int = 1 << 20) -> KafkaLimits {
        var limits = KafkaLimits()
        limits.stallTime = stallTime
        limits.answerTime = .seconds(2)
        limits.chunkBytes = chunkBytes
        return limits
    }

    static func consumer(
        _ properties: [String: String] = [:], concurrency: Int = 1, processors: Int = 1,
        limits: KafkaLimits = limits(),
        onDataLoss: KafkaSource.DataLoss = .fail, onEvent: @escaping @Sendable (KafkaEvent) -> Void = { _ in }
    ) throws -> KafkaConsumer {
        try KafkaConsumer(
            source(properties, onDataLoss: onDataLoss), concurrency: concurrency, processors: processors,
            limits: limits, onEvent: onEvent)
    }
}
