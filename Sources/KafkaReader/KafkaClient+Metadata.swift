import CRdKafka

extension KafkaClient {
    /// What a broker says when it is asked for a topic.
    enum Metadata {
        /// By their numbers, each with the broker that leads it; -1: none does.
        case partitions([Int32: Int32])
        case unknownTopic
        /// With the words of the broker, or of librdkafka.
        case failure(String)
    }

    /// Asks a broker once for its metadata, of one topic or of none.
    ///
    /// - Throws: `KafkaError.denied`, `KafkaError.client`.
    func requestMetadata(topic: String?, timeout: Duration) throws(KafkaError) -> Metadata {
        var handle: OpaquePointer?
        if let topic {
            unsafe handle = unsafe rd_kafka_topic_new(self.handle, topic, nil)
            guard unsafe handle != nil else { throw .client(words: rd_kafka_last_error().words) }
        }
        defer { if let handle = unsafe handle { unsafe rd_kafka_topic_destroy(handle) } }
        var answer: UnsafePointer<rd_kafka_metadata>?
        let error = unsafe rd_kafka_metadata(self.handle, 0, handle, &answer, timeout.inMilliseconds)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata = unsafe answer else { return .failure(error.words) }
        // The answer is the caller's to free, and holds as many topics and partitions as it says.
        defer { unsafe rd_kafka_metadata_destroy(metadata) }
        noteConnection()
        guard let topic else { return .partitions([:]) }
        guard unsafe metadata.pointee.topic_cnt > 0 else { return .unknownTopic }
        let found = unsafe metadata.pointee.topics[0]
        switch unsafe found.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
            var leaders: [Int32: Int32] = [:]
            for index in 0..<Int(unsafe found.partition_cnt) {
                unsafe leaders[found.partitions[index].id] = unsafe found.partitions[index].leader
            }
            return .partitions(leaders)
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
            return .unknownTopic
        case let error where error.isDenial:
            throw .denied(words: "\(error.words): \(topic)")
        case let error:
            return .failure(error.words)
        }
    }
}
