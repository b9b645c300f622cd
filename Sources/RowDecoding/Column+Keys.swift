import BackfillCore

extension Column {
    /// Hash of a row of a primary key's column.
    func keyHash(ofRow row: Int) -> UInt64 {
        guard layout == .bytes else { return UInt64(bitPattern: integers[row]).mixed }
        var hash: UInt64 = 0x51_7C_C1_B7_27_22_0A_95
        for index in byteRange(row) {
            hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3
        }
        return hash.mixed
    }

    /// A row of a primary key's column, for a person to read.
    func keyText(ofRow row: Int) -> String {
        layout == .bytes ? String(decoding: bytes[byteRange(row)], as: UTF8.self) : "\(integers[row])"
    }

    /// Whether two rows of primary keys' columns hold the same key.
    func hasSameKey(ofRow row: Int, as other: Column, row otherRow: Int) -> Bool {
        layout == .bytes
            ? bytes[byteRange(row)] == other.bytes[other.byteRange(otherRow)]
            : integers[row] == other.integers[otherRow]
    }
}
