/// The neutral form in which an Array row lies in a column's bytes: one element after the other, integers and Bool as
/// eight bytes, Float as four, Double as eight, VarChar as its length in four bytes and then its UTF-8; all
/// little-endian.
public enum ArrayElements {
    public static func append(_ value: Int64, to bytes: inout [UInt8]) {
        append(littleEndian: UInt64(bitPattern: value), to: &bytes)
    }

    public static func append(_ value: Double, to bytes: inout [UInt8]) {
        append(littleEndian: value.bitPattern, to: &bytes)
    }

    public static func append(_ value: Float, to bytes: inout [UInt8]) {
        append(littleEndian: value.bitPattern, to: &bytes)
    }

    public static func append(_ index: UInt32, to bytes: inout [UInt8]) {
        append(littleEndian: index, to: &bytes)
    }

    public static func append(_ text: String.UTF8View, to bytes: inout [UInt8]) {
        let mark = openText(in: &bytes)
        bytes.append(contentsOf: text)
        closeText(from: mark, in: &bytes)
    }

    /// Opens an element of text; the caller appends the text and hands the returned mark to `closeText`.
    public static func openText(in bytes: inout [UInt8]) -> Int {
        append(littleEndian: UInt32(0), to: &bytes)
        return bytes.count
    }

    public static func closeText(from mark: Int, in bytes: inout [UInt8]) {
        let length = UInt32(bytes.count - mark)
        for index in 0..<4 {
            bytes[mark - 4 + index] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(index)))
        }
    }

    /// The bits at `position`, which moves behind them.
    public static func read<Bits: FixedWidthInteger>(
        _: Bits.Type, from bytes: [UInt8], at position: inout Int
    ) -> Bits {
        var bits: Bits = 0
        for index in 0..<(Bits.bitWidth / 8) {
            bits |= Bits(truncatingIfNeeded: bytes[position + index]) << Bits(8 * index)
        }
        position += Bits.bitWidth / 8
        return bits
    }

    private static func append(littleEndian bits: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for index in 0..<(bits.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * index)))
        }
    }
}
