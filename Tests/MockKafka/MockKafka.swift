import CRdKafkaMock

/// A Kafka cluster inside of the process, which does what a test tells it to: librdkafka's mock cluster.
///
/// Its brokers are numbered from 1 and speak the protocol on ports of 127.0.0.1. A topic that nobody created comes into
/// being with four partitions as soon as somebody asks for it. A partition keeps its last 5 MiB of batches. There are no
/// transactions, and no time but the start and the end of the log can be looked up.
///
/// A call that changes brokers or topics waits for the cluster's own thread, for up to a second when that is idle, so
/// that tests do well to share a cluster.
@safe
package final class MockKafka: Sendable {
    // Sendable: both are used by librdkafka's own rules only, which allow every thread.
    private let host: ClientHandle
    private nonisolated(unsafe) let cluster: OpaquePointer
    /// As the property of the same name takes it, one address for each broker in their order.
    package let bootstrapServers: String

    package init(brokers: Int32 = 1) throws(MockKafkaError) {
        host = try ClientHandle(RD_KAFKA_PRODUCER, ["client.id": "mock-cluster", "log_level": "0"])
        guard let cluster = unsafe rd_kafka_mock_cluster_new(host.pointer, brokers),
            // The text lives as long as the cluster.
            let addresses = unsafe rd_kafka_mock_cluster_bootstraps(cluster)
        else { throw MockKafkaError("make a cluster", "librdkafka gave none") }
        unsafe self.cluster = unsafe cluster
        bootstrapServers = unsafe String(cString: addresses)
    }

    deinit {
        unsafe rd_kafka_mock_cluster_destroy(cluster)
    }

    // MARK: Content

    package func createTopic(_ name: String, partitions: Int32) throws(MockKafkaError) {
        try unsafe rd_kafka_mock_topic_create(cluster, name, partitions, 1).check("create \(name)")
    }

    /// Appends messages to a partition, and returns when they are in its log.
    ///
    /// - Parameter batchSize: The most messages of one batch, the unit in which a partition is read.
    package func produce(
        _ messages: [MockMessage], to topic: String, _ partition: Int32 = 0, codec: Codec = .none,
        batchSize: Int = 10_000
    ) throws(MockKafkaError) {
        let producer = try ClientHandle(
            RD_KAFKA_PRODUCER,
            [
                "bootstrap.servers": bootstrapServers, "compression.codec": codec.rawValue,
                // Long enough that batches are full, even on a busy machine.
                "batch.num.messages": String(batchSize), "linger.ms": "50", "log_level": "0",
                // With several requests under way a retry could change the order.
                "max.in.flight": "1",
            ])
        // A producer that does not know the topic yet begins with batches that are not full.
        let handle = unsafe rd_kafka_topic_new(producer.pointer, topic, nil)
        defer { unsafe rd_kafka_topic_destroy(handle) }
        var metadata: UnsafePointer<rd_kafka_metadata>?
        try unsafe rd_kafka_metadata(producer.pointer, 0, handle, &metadata, 30_000).check("ask for \(topic)")
        unsafe rd_kafka_metadata_destroy(metadata)
        for message in messages { try producer.send(message, to: topic, partition) }
        try unsafe rd_kafka_flush(producer.pointer, 30_000).check("produce to \(topic)-\(partition)")
    }

    // MARK: Faults

    /// Lets the next requests of a kind fail, one for each answer, whichever broker gets them.
    package func failNext(_ request: MockRequest, with answers: [MockAnswer]) {
        let codes = answers.map(\.code)
        // The codes are copied.
        unsafe rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, codes.count, codes)
    }

    /// Forgets what was told to `failNext`.
    package func stopFailing(_ request: MockRequest) {
        unsafe rd_kafka_mock_clear_request_errors(cluster, request.rawValue)
    }

    /// What metadata says of a topic; nil: the truth.
    package func setMetadataAnswer(_ answer: MockAnswer?, for topic: String) {
        unsafe rd_kafka_mock_topic_set_error(cluster, topic, answer?.code ?? RD_KAFKA_RESP_ERR_NO_ERROR)
    }

    /// Closes the connections of a broker, or of all, and takes no new ones.
    package func stop(broker: Int32? = nil) throws(MockKafkaError) {
        try unsafe rd_kafka_mock_broker_set_down(cluster, broker ?? -1).check("stop brokers")
    }

    package func start(broker: Int32? = nil) throws(MockKafkaError) {
        try unsafe rd_kafka_mock_broker_set_up(cluster, broker ?? -1).check("start brokers")
    }

    /// How long every broker waits with every answer.
    package func setRoundTripTime(milliseconds: Int32) throws(MockKafkaError) {
        try unsafe rd_kafka_mock_broker_set_rtt(cluster, -1, milliseconds).check("set the round trip time")
    }

    /// Makes a broker the partition's leader; nil: nobody.
    package func setLeader(of topic: String, _ partition: Int32 = 0, to broker: Int32?) throws(MockKafkaError) {
        try unsafe rd_kafka_mock_partition_set_leader(cluster, topic, partition, broker ?? -1)
            .check("set the leader of \(topic)-\(partition)")
    }
}
