package import BackfillCore
import CRdKafka

/// The properties with which librdkafka runs.
package struct KafkaConfiguration {
    /// What a job may change.
    private static let defaults = [
        "client.id": "milvus-backfill",
        "isolation.level": "read_committed",
        // The end of the log is told after this time; librdkafka's half a second would be most of a short run.
        "fetch.wait.max.ms": "100",
        // librdkafka's ten seconds would keep a job waiting long after a broker is back.
        "reconnect.backoff.max.ms": "1000",
    ]

    /// librdkafka 2.2.0, as its CHANGELOG.md has it.
    private static let versionWithQueueBackoff: Int32 = 0x0202_00FF

    package let properties: [String: Secret]

    /// - Parameters:
    ///   - queueBytes: What librdkafka reads ahead for one partition.
    ///   - usesGroup: Whether anything is asked of a consumer group. A job that needs none must not fail for lack of a
    ///     permission for it.
    package init(_ source: KafkaSource, queueBytes: Int, usesGroup: Bool) {
        var properties = Self.defaults.mapValues { Secret($0) }
        if rd_kafka_version() >= Self.versionWithQueueBackoff {
            // The second that it otherwise waits before it fetches into a queue that was full is longer than a fast run
            // needs to empty it.
            properties["fetch.queue.backoff.ms"] = Secret("50")
        }
        properties["queued.max.messages.kbytes"] = Secret(String(max(1, queueBytes >> 10)))
        properties.merge(source.properties) { _, own in own }
        properties.merge(FixedKafkaProperty.all.compactMapValues { $0.value.map { Secret($0) } }) { _, fixed in fixed }
        if !usesGroup { properties["group.id"] = nil }
        self.properties = properties
    }

    /// The addresses that the job names, for messages.
    var brokers: String {
        (properties["bootstrap.servers"] ?? properties["metadata.broker.list"])?.reveal() ?? "an unknown address"
    }

    /// librdkafka's own form of it, which the caller owns.
    ///
    /// - Throws: `KafkaError.property`.
    func makeHandle() throws(KafkaError) -> OpaquePointer {
        guard let handle = unsafe rd_kafka_conf_new() else { throw .client(words: "there is no memory") }
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            do throws(KafkaError) {
                try unsafe Self.set(name, to: value, in: handle)
            } catch {
                unsafe rd_kafka_conf_destroy(handle)
                throw error
            }
        }
        unsafe rd_kafka_conf_set_events(handle, RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG)
        return unsafe handle
    }

    private static func set(_ name: String, to value: Secret, in handle: OpaquePointer) throws(KafkaError) {
        var words = ""
        let result = unsafe ErrorText.collect(into: &words) { text, size in
            unsafe rd_kafka_conf_set(handle, name, value.reveal(), text, size)
        }
        guard result == RD_KAFKA_CONF_OK else {
            // librdkafka repeats the value, which may be a secret. Every place would do for an empty one.
            let revealed = value.reveal()
            if !revealed.isEmpty { words = words.replacing(revealed, with: "\(value)") }
            // A long one stands there in part.
            if revealed.utf8.count > ErrorText.size / 2 { words = "its value is refused" }
            throw .property(name: name, words: words)
        }
    }
}

/// The room into which librdkafka writes why it refuses something.
enum ErrorText {
    static let size = 512

    static func collect<Result>(
        into words: inout String, _ call: (UnsafeMutablePointer<CChar>?, Int) -> Result
    ) -> Result {
        // librdkafka terminates the text within the room that it is given.
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { buffer in
            unsafe buffer.initialize(repeating: 0)
            let result = unsafe call(buffer.baseAddress, size)
            words = unsafe buffer.baseAddress.map { unsafe String(cString: $0) } ?? ""
            return result
        }
    }
}
