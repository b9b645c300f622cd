import Glibc

extension MockKafka {
    /// Appends a batch of one record whose checksum is wrong.
    ///
    /// - Parameter skipTo: The offset at which librdkafka goes on after it has found that out.
    package func produceDamagedBatch(to topic: String, _ partition: Int32 = 0, skipTo: Int64) throws(MockKafkaError) {
        // A batch is taken by the partition's leader alone.
        try setLeader(of: topic, partition, to: 1)
        let address = bootstrapServers.split(separator: ",").first ?? ""
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw MockKafkaError("find the first broker", bootstrapServers)
        }
        var body = ByteWriter()
        // Produce, version 3, first request, of a client without a name.
        body.write(Int16(0))
        body.write(Int16(3))
        body.write(Int32(1))
        body.write("")
        // No transaction, acknowledged by the leader within a second.
        body.write(Int16(-1))
        body.write(Int16(1))
        body.write(Int32(1000))
        body.write(Int32(1))
        body.write(topic)
        body.write(Int32(1))
        body.write(partition)
        body.write(DamagedBatch(topic: topic, skipTo: skipTo).bytes)
        var request = ByteWriter()
        request.write(body.bytes)
        // Its size, the request's number, one topic with its name, one partition with its number, and the error.
        let answer = try Self.exchange(
            request.bytes, port: port, answerSize: 4 + 4 + 4 + 2 + topic.utf8.count + 4 + 4 + 2)
        guard answer.suffix(2) == [0, 0] else {
            throw MockKafkaError("produce a damaged batch", "error \(Array(answer.suffix(2)))")
        }
    }

    /// Sends bytes to a port of 127.0.0.1 and returns the beginning of the answer.
    private static func exchange(_ request: [UInt8], port: UInt16, answerSize: Int) throws(MockKafkaError) -> [UInt8] {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw MockKafkaError("open a socket", "error \(errno)") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        // The system reads as many bytes of the address as it is told the address has.
        let isConnected = unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe connect(
                descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count)) == 0
        }
        guard isConnected, unsafe send(descriptor, request, request.count, 0) == request.count else {
            throw MockKafkaError("send to port \(port)", "error \(errno)")
        }
        var answer = [UInt8](repeating: 0, count: answerSize)
        // The system writes as many bytes as there is room for, and waits for all of them.
        guard unsafe recv(descriptor, &answer, answer.count, Int32(MSG_WAITALL)) == answerSize else {
            throw MockKafkaError("receive from port \(port)", "error \(errno)")
        }
        return answer
    }
}
