import Foundation
import Testing

/// Where the real servers are that `Tests/run.sh` has started. A missing one fails the test that needs it.
struct TestEnvironment {
    /// A Milvus Lite.
    static func lite() throws -> String { try variable("MILVUS_LITE_URI") }

    /// The full Milvus server.
    static func full() throws -> String { try variable("MILVUS_FULL_URI") }

    /// A Kafka broker.
    static func kafka() throws -> String { try variable("KAFKA_BOOTSTRAP") }

    /// The program under test.
    static func binary() throws -> String { try variable("MILVUS_BACKFILL_BINARY") }

    /// The interpreter that has pymilvus and confluent-kafka.
    static func python() throws -> String { try variable("MILVUS_PYTHON") }

    static func variable(_ name: String) throws -> String {
        try #require(
            ProcessInfo.processInfo.environment[name],
            "\(name) is not set: these tests need real servers, run them with Tests/run.sh")
    }
}
