/// Stands for the values of a row: rows with equal values have equal digests within one process, and two rows with other
/// values have equal ones with a chance of about one in 2^128.
public struct RowDigest: Sendable, Hashable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Of bytes that say which values the row has. Swift's hash is SipHash under a key of the process; two of them with
    /// unlike beginnings make one of 128 bits.
    public init(of bytes: [UInt8]) {
        self.init(high: Self.hash(bytes, salt: 0), low: Self.hash(bytes, salt: 1))
    }

    private static func hash(_ bytes: [UInt8], salt: UInt8) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(salt)
        // The buffer is the array's and lives for the whole call.
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
