/// Writes the wire format of protocol buffers.
///
/// Messages within messages need their length in front, so a caller works out sizes first and writes second; nothing
/// is copied twice.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    static func size(ofVarint value: UInt64) -> Int {
        (64 - (value | 1).leadingZeroBitCount + 6) / 7
    }

    /// Bytes of a length-delimited field, its tag and length included; field numbers below 16.
    static func size(ofFieldWithLength length: Int) -> Int {
        1 + size(ofVarint: UInt64(length)) + length
    }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// A number field.
    mutating func field(_ number: Int, _ value: UInt64) {
        bytes.append(UInt8(number << 3))
        varint(value)
    }

    /// Opens a length-delimited field; exactly `length` bytes have to follow.
    mutating func open(_ number: Int, length: Int) {
        bytes.append(UInt8(number << 3 | 2))
        varint(UInt64(length))
    }

    mutating func field(_ number: Int, _ text: String) {
        open(number, length: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ slice: ArraySlice<UInt8>) {
        bytes.append(contentsOf: slice)
    }

    mutating func append(_ byte: UInt8) {
        bytes.append(byte)
    }

    /// Values as they lie in memory: packed fixed-width fields are little-endian, as is every machine that this runs on.
    mutating func append<Value: BitwiseCopyable & BinaryFloatingPoint>(packed values: ArraySlice<Value>) {
        // Unsafe for speed: one copy of a whole vector in place of one for each element. The type has no padding.
        unsafe values.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }
}
