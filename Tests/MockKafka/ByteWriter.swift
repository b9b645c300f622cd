/// Writes values as the Kafka protocol has them, most significant byte first.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: some FixedWidthInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func write(_ text: String) {
        write(Int16(text.utf8.count))
        bytes += text.utf8
    }

    /// Bytes behind their number.
    mutating func write(_ block: [UInt8]) {
        write(Int32(block.count))
        bytes += block
    }

    mutating func append(_ more: some Sequence<UInt8>) {
        bytes += more
    }
}
