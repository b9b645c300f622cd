import CZstd

/// The seek table of zstd's seekable format: the frames of a file, in a skippable frame at its end, so that a reader
/// which knows the format decompresses any part alone. Any other reader skips it.
///
/// Source: contrib/seekable_format/zstd_seekable_compression_format.md of zstd, version 0.1.0.
public struct ZstdSeekTable: Sendable, Hashable {
    /// A frame of the file.
    public struct Frame: Sendable, Hashable {
        /// Bytes on disk.
        public var size: UInt32
        /// Bytes of text.
        public var textSize: UInt32

        public init(size: UInt32, textSize: UInt32) {
            self.size = size
            self.textSize = textSize
        }
    }

    /// All frames of the file, from its first byte on.
    public var frames: [Frame]

    public init(frames: [Frame] = []) {
        self.frames = frames
    }

    /// The skippable frame that ends the file. Its frames have no checksums here, as each has its own.
    public var bytes: [UInt8] {
        let footerSize = 9
        var bytes: [UInt8] = []
        func add(_ number: UInt32) {
            for shift in stride(from: 0, to: UInt32(32), by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: number >> shift))
            }
        }
        add(UInt32(ZSTD_MAGIC_SKIPPABLE_START) | 0xE)
        add(UInt32(8 * frames.count + footerSize))
        for frame in frames {
            add(frame.size)
            add(frame.textSize)
        }
        add(UInt32(frames.count))
        // The descriptor: no checksums.
        bytes.append(0)
        add(0x8F92_EAB1)
        return bytes
    }
}
