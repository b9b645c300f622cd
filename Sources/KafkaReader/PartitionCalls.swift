import Synchronization

/// Puts the calls about one partition into one order, whichever reader makes them.
///
/// A client of librdkafka reads a partition once at a time. A reader stops without anybody waiting for that, and the next
/// one of the partition must not start before.
final class PartitionCalls: Sendable {
    private let queues = Mutex<[TopicPartition: BlockingCalls]>([:])

    func queue(for partition: TopicPartition) -> BlockingCalls {
        queues.withLock { queues in
            if let queue = queues[partition] { return queue }
            let queue = BlockingCalls(label: "kafka-\(partition)")
            queues[partition] = queue
            return queue
        }
    }
}
