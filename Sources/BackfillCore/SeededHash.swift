/// A hash of keys that a seed chooses, spread evenly over all 64 bits; the same in every process.
public struct SeededHash: Sendable {
    public let seed: UInt64

    public init(seed: UInt64) {
        self.seed = seed
    }

    public func callAsFunction(_ key: PrimaryKey) -> UInt64 {
        var hash = seed.mixed
        switch key {
        case .integer(let value): hash = (hash ^ UInt64(bitPattern: value)).mixed
        case .text(let bytes):
            for start in stride(from: 0, to: bytes.count, by: 8) {
                var word: UInt64 = 0
                for index in start..<min(start + 8, bytes.count) { word = word << 8 | UInt64(bytes[index]) }
                hash = (hash ^ word).mixed
            }
            hash = (hash ^ UInt64(bytes.count)).mixed
        }
        return (hash ^ seed).mixed
    }
}

extension UInt64 {
    /// Every bit of it spread over the whole word (the finalizer of MurmurHash3, which is in the public domain).
    package var mixed: UInt64 {
        var mixed = self
        mixed = (mixed ^ mixed >> 33) &* 0xFF51_AFD7_ED55_8CCD
        mixed = (mixed ^ mixed >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return mixed ^ mixed >> 33
    }
}
