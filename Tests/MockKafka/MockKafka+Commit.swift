import CRdKafkaMock

extension MockKafka {
    /// Commits an offset for a consumer group.
    package func commit(_ offset: Int64, of topic: String, _ partition: Int32 = 0, group: String) throws(MockKafkaError)
    {
        let consumer = try ClientHandle(
            RD_KAFKA_CONSUMER, ["bootstrap.servers": bootstrapServers, "group.id": group, "log_level": "0"])
        let list = unsafe rd_kafka_topic_partition_list_new(1)
        defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
        // The list owns the element.
        unsafe rd_kafka_topic_partition_list_add(list, topic, partition)?.pointee.offset = offset
        try unsafe rd_kafka_commit(consumer.pointer, list, 0).check("commit \(offset) of \(topic)-\(partition)")
    }
}
