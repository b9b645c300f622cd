import BackfillCore
import CRdKafka

/// A partition of a topic.
package struct TopicPartition: Sendable, Hashable {
    package var topic: String
    package var number: Int32

    package init(topic: String, number: Int32) {
        self.topic = topic
        self.number = number
    }
}

extension TopicPartition: CustomStringConvertible {
    package var description: String { "\(topic)-\(number)" }
}

/// The owner of librdkafka's list of partitions with an offset each.
@safe
struct PartitionOffsets: ~Copyable {
    private let list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// - Throws: `KafkaError.client` when there is no memory.
    init(_ partitions: [TopicPartition], offset: Int64) throws(KafkaError) {
        try self.init(partitions.map { ($0.topic, $0.number, offset) })
    }

    /// - Throws: `KafkaError.client` when there is no memory.
    init(_ positions: [(topic: String, partition: Int32, offset: Int64)]) throws(KafkaError) {
        guard let list = unsafe rd_kafka_topic_partition_list_new(Int32(positions.count)) else {
            throw .client(words: "there is no memory")
        }
        for (topic, partition, offset) in positions {
            // The list owns the element, which stays where it is until the next one is added.
            unsafe rd_kafka_topic_partition_list_add(list, topic, partition).pointee.offset = offset
        }
        unsafe self.list = list
    }

    deinit {
        unsafe rd_kafka_topic_partition_list_destroy(list)
    }

    /// Puts for each partition the offset of its first message at or after a time in place of that time, in
    /// milliseconds since 1970; -1 is the end of the log and -2 its start.
    ///
    /// `rd_kafka_query_watermark_offsets` would ask the same, but does not keep its time limit in librdkafka 2.0.2.
    func lookUpTimes(_ client: KafkaClient, timeout: Duration) -> rd_kafka_resp_err_t {
        unsafe rd_kafka_offsets_for_times(client.handle, list, timeout.inMilliseconds)
    }

    /// Puts for each partition the offset that the group has committed in place; -1001 where there is none.
    func lookUpCommitted(_ client: KafkaClient, timeout: Duration) -> rd_kafka_resp_err_t {
        unsafe rd_kafka_committed(client.handle, list, timeout.inMilliseconds)
    }

    /// Commits each partition's offset to the client's group.
    func commit(_ client: KafkaClient) -> rd_kafka_resp_err_t {
        unsafe rd_kafka_commit(client.handle, list, 0)
    }

    /// The answer for each partition.
    var answers: [(partition: TopicPartition, offset: Int64, error: rd_kafka_resp_err_t)] {
        // The list holds `cnt` elements with terminated names.
        (0..<Int(unsafe list.pointee.cnt)).map { index in
            let element = unsafe list.pointee.elems[index]
            let topic = unsafe element.topic.map { unsafe String(cString: $0) } ?? ""
            return unsafe (TopicPartition(topic: topic, number: element.partition), element.offset, element.err)
        }
    }
}

extension Duration {
    /// For librdkafka's time limits.
    var inMilliseconds: Int32 { Int32(clamping: Int64(self / .milliseconds(1))) }
}
