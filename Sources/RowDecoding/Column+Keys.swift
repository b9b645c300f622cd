import BackfillCore

extension Column {
    /// Hash of a row of a primary key's column.
    func keyHash(ofRow row: Int) -> UInt64 {
        guard layout == .bytes else { return Self.mix(UInt64(bitPattern: integers[row])) }
        var hash: UInt64 = 0x51_7C_C1_B7_27_22_0A_95
        for index in byteRange(row) {
            hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3
        }
        return Self.mix(hash)
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

    /// Spreads every bit of `value` over the whole word (the finalizer of MurmurHash3, which is in the public domain).
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ mixed >> 33) &* 0xFF51_AFD7_ED55_8CCD
        mixed = (mixed ^ mixed >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return mixed ^ mixed >> 33
    }
}
