import CZstd

/// The two kinds of frames that a zstd file is made of.
public enum ZstdFrameKind: Hashable, Sendable {
    /// A frame that holds text, which may be empty.
    case data
    /// A frame for the use of other programs, such as the seek table of a seekable file. It has no text.
    case skippable

    /// The bytes from which the kind of a frame is known.
    public static let magicLength = 4

    /// The kind of frame that begins with these four bytes, nil when no frame does.
    ///
    /// The formats before zstd 0.8 have other magic numbers and are not recognised.
    public init?(magic: UInt32) {
        if magic == UInt32(ZSTD_MAGICNUMBER) {
            self = .data
        } else if magic & ~0xF == UInt32(ZSTD_MAGIC_SKIPPABLE_START) {
            self = .skippable
        } else {
            return nil
        }
    }

    /// The kind of frame whose first bytes are `bytes`, nil when they are too few or begin no frame.
    public init?(prefix bytes: Span<UInt8>) {
        guard bytes.count >= Self.magicLength else { return nil }
        self.init(
            magic: UInt32(bytes[0]) | UInt32(bytes[1]) << 8 | UInt32(bytes[2]) << 16 | UInt32(bytes[3]) << 24)
    }

    /// Whether `bytes` are the first bytes of a frame's magic number: fewer than `magicLength`, and at least one.
    public static func isCutMagic(_ bytes: Span<UInt8>) -> Bool {
        guard (1..<magicLength).contains(bytes.count) else { return false }
        return [UInt32(ZSTD_MAGICNUMBER), UInt32(ZSTD_MAGIC_SKIPPABLE_START)].contains { magic in
            bytes.indices.allSatisfy { index in
                // The low four bits of a skippable frame's magic number are free.
                let free: UInt8 = index == 0 && magic == UInt32(ZSTD_MAGIC_SKIPPABLE_START) ? 0xF : 0
                return bytes[index] & ~free == UInt8(truncatingIfNeeded: magic >> UInt32(8 * index))
            }
        }
    }
}
