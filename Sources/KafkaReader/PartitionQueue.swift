import CRdKafka

/// The messages and events of one partition from an offset on, in their order.
///
/// Its calls block, and are made by one thread at a time.
@safe
final class PartitionQueue: @unchecked Sendable {
    /// Messages that are taken over at a time. librdkafka waits until there are so many, or for the whole time limit.
    private static let batchSize = 256

    private let client: KafkaClient
    private let partition: Int32
    private let topic: OpaquePointer
    private let queue: OpaquePointer
    private let batch: UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>
    private var count = 0
    private var next = 0

    /// Starts to fetch.
    ///
    /// - Throws: `KafkaError.failed`.
    init(_ client: KafkaClient, _ partition: TopicPartition, from offset: Int64) throws(KafkaError) {
        func failed() -> KafkaError {
            .failed(
                topic: partition.topic, partition: partition.number, offset: offset, words: rd_kafka_last_error().words)
        }
        guard let topic = unsafe rd_kafka_topic_new(client.handle, partition.topic, nil) else { throw failed() }
        guard let queue = unsafe rd_kafka_queue_new(client.handle) else {
            unsafe rd_kafka_topic_destroy(topic)
            throw failed()
        }
        guard unsafe rd_kafka_consume_start_queue(topic, partition.number, offset, queue) == 0 else {
            let error = failed()
            unsafe rd_kafka_queue_destroy(queue)
            unsafe rd_kafka_topic_destroy(topic)
            throw error
        }
        self.client = client
        self.partition = partition.number
        unsafe self.topic = topic
        unsafe self.queue = queue
        unsafe self.batch = .allocate(capacity: Self.batchSize)
    }

    deinit {
        while let message = unsafe take() { unsafe rd_kafka_message_destroy(message) }
        unsafe rd_kafka_consume_stop(topic, partition)
        unsafe rd_kafka_queue_destroy(queue)
        unsafe rd_kafka_topic_destroy(topic)
        unsafe batch.deallocate()
    }

    /// The next message or event, which the caller destroys; nil when none has come within the time.
    func next(within timeout: Duration) -> UnsafeMutablePointer<rd_kafka_message_t>? {
        if let message = unsafe take() { return unsafe message }
        // librdkafka fills as many places as it says.
        count = max(
            0, unsafe rd_kafka_consume_batch_queue(queue, timeout.inMilliseconds, batch.baseAddress, batch.count))
        next = 0
        return unsafe take()
    }

    private func take() -> UnsafeMutablePointer<rd_kafka_message_t>? {
        guard next < count else { return nil }
        defer { next += 1 }
        return unsafe batch[next]
    }
}
