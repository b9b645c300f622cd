import CRdKafkaMock

/// The owner of a librdkafka producer or consumer.
///
/// librdkafka may be called from any thread at any time.
@safe
final class ClientHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ kind: rd_kafka_type_t, _ properties: [String: String]) throws(MockKafkaError) {
        guard let configuration = unsafe rd_kafka_conf_new() else {
            throw MockKafkaError("make a client", "no memory")
        }
        // librdkafka terminates what it says within this room.
        var words = [CChar](repeating: 0, count: 512)
        for (name, value) in properties {
            guard unsafe rd_kafka_conf_set(configuration, name, value, &words, words.count) == RD_KAFKA_CONF_OK else {
                unsafe rd_kafka_conf_destroy(configuration)
                throw MockKafkaError("set \(name)", Self.text(words))
            }
        }
        guard let pointer = unsafe rd_kafka_new(kind, configuration, &words, words.count) else {
            // Only a client that was made owns its properties.
            unsafe rd_kafka_conf_destroy(configuration)
            throw MockKafkaError("make a client", Self.text(words))
        }
        unsafe self.pointer = unsafe pointer
    }

    deinit {
        unsafe rd_kafka_destroy(pointer)
    }

    private static func text(_ words: [CChar]) -> String {
        String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension rd_kafka_resp_err_t {
    /// - Throws: `MockKafkaError` for everything but success.
    func check(_ action: String) throws(MockKafkaError) {
        guard self != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        // librdkafka returns a constant, terminated text for every code.
        throw MockKafkaError(action, unsafe rd_kafka_err2str(self).map { unsafe String(cString: $0) } ?? "\(rawValue)")
    }
}
