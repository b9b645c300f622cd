import CRdKafkaMock

extension ClientHandle {
    /// Hands a message to the producer, which copies it.
    func send(_ message: MockMessage, to topic: String, _ partition: Int32) throws(MockKafkaError) {
        let headers = unsafe makeHeaders(message.headers)
        let error = unsafe topic.withCString { topic in
            unsafe Self.withBytes(of: message.key) { key in
                unsafe Self.withBytes(of: message.value) { value in
                    let parts = unsafe [
                        Self.part(RD_KAFKA_VTYPE_TOPIC) { unsafe $0.cstr = topic },
                        Self.part(RD_KAFKA_VTYPE_PARTITION) { unsafe $0.i32 = partition },
                        Self.part(RD_KAFKA_VTYPE_TIMESTAMP) { unsafe $0.i64 = message.timestamp },
                        Self.part(RD_KAFKA_VTYPE_MSGFLAGS) { unsafe $0.i = RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK },
                        Self.part(RD_KAFKA_VTYPE_KEY) {
                            unsafe $0.mem.ptr = key
                            unsafe $0.mem.size = message.key?.count ?? 0
                        },
                        Self.part(RD_KAFKA_VTYPE_VALUE) {
                            unsafe $0.mem.ptr = value
                            unsafe $0.mem.size = message.value?.count ?? 0
                        },
                        Self.part(RD_KAFKA_VTYPE_HEADERS) { unsafe $0.headers = headers },
                    ]
                    return unsafe rd_kafka_produceva(pointer, parts, parts.count)
                }
            }
        }
        guard let error = unsafe error else { return }
        // The headers went to the producer only if it took the message; the error is the caller's to free.
        defer {
            unsafe rd_kafka_headers_destroy(headers)
            unsafe rd_kafka_error_destroy(error)
        }
        try unsafe rd_kafka_error_code(error).check("produce")
    }

    private func makeHeaders(_ headers: [MockMessage.Header]) -> OpaquePointer? {
        let list = unsafe rd_kafka_headers_new(headers.count)
        for header in headers {
            unsafe Self.withBytes(of: header.value) { value in
                // Name and value are copied.
                _ = unsafe rd_kafka_header_add(list, header.name, -1, value, header.value?.count ?? 0)
            }
        }
        return unsafe list
    }

    private static func part(_ kind: rd_kafka_vtype_t, _ fill: (inout rd_kafka_vu_s.__Unnamed_union_u) -> Void)
        -> rd_kafka_vu_t
    {
        var part = unsafe rd_kafka_vu_t()
        unsafe part.vtype = kind
        unsafe fill(&part.u)
        return unsafe part
    }

    /// Nil for none, and not nil for bytes of which there are none.
    private static func withBytes<Result>(
        of bytes: [UInt8]?, _ body: (UnsafeMutableRawPointer?) -> Result
    ) -> Result {
        guard let bytes else { return body(nil) }
        // A place for the pointer of an empty array, which has none of its own. librdkafka only reads.
        return unsafe (bytes + [0]).withUnsafeBytes { buffer in
            unsafe body(UnsafeMutableRawPointer(mutating: buffer.baseAddress))
        }
    }
}
