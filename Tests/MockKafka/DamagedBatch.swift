/// A batch of one record whose checksum is wrong, and which a consumer of librdkafka cannot simply pass over.
///
/// After a wrong checksum librdkafka 2.0.2 goes on to read within the batch, where it takes what it finds for the next
/// batch. What stands there is the beginning of a batch of an unknown version, at an offset of the test's choice:
/// librdkafka fetches from behind that offset next. See `rd_kafka_msgset_reader_v2` and
/// `rd_kafka_msgset_reader_peek_msg_version` in its rdkafka_msgset_reader.c.
struct DamagedBatch {
    /// From the beginning of a batch to the number of its records, which is the last field before them.
    private static let headerSize = 61
    /// What comes before the batch in the answer to a Fetch request of version 11, without the answer's size and number
    /// and the topic's name.
    private static let answerSize = 62
    /// What the checksum does not cover: it stands behind that, and covers everything else.
    private static let uncheckedSize = 21
    private static let totalSize = 400

    let bytes: [UInt8]

    /// - Parameters:
    ///   - topic: Where the batch will lie.
    ///   - skipTo: The offset from which librdkafka goes on.
    init(topic: String, skipTo: Int64) {
        // librdkafka takes the size of what the checksum covers for the place in the answer where it goes on.
        let fakeBatch = Self.totalSize - Self.uncheckedSize - Self.answerSize - topic.utf8.count
        var fake = ByteWriter()
        fake.write(skipTo - 1)
        fake.write(Int32(0))
        fake.write(Int32(0))
        fake.write(Int8(99))

        var writer = ByteWriter()
        writer.write(Int64(0))
        writer.write(Int32(Self.totalSize - 12))
        writer.write(Int32(0))
        writer.write(Int8(2))
        writer.write(UInt32(0xBAD_C0DE))
        writer.write(Int16(0))
        writer.write(Int32(0))
        writer.write(Int64(0))
        writer.write(Int64(0))
        writer.write(Int64(-1))
        writer.write(Int16(-1))
        writer.write(Int32(-1))
        writer.write(Int32(1))
        writer.append(repeatElement(0, count: fakeBatch - Self.headerSize))
        writer.append(fake.bytes)
        writer.append(repeatElement(0, count: Self.totalSize - writer.bytes.count))
        bytes = writer.bytes
    }
}
