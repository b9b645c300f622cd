import CRdKafka

/// librdkafka as the process runs with it.
public enum KafkaLibrary {
    public static var version: String {
        // librdkafka returns a constant, terminated text.
        unsafe String(cString: rd_kafka_version_str())
    }
}
