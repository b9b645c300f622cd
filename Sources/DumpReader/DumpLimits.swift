/// How much of a dump is held in memory at a time.
public struct DumpLimits: Sendable, Hashable {
    /// Bytes of text that a chunk aims at. A chunk is larger only when a line is.
    public var chunkSize: Int
    /// The most bytes of a line, without its newline. A longer one is an error.
    public var maximumLineLength: Int
    /// A zstd frame of at most this many bytes of text is held back until it has ended with the right checksum, so that
    /// none of its lines is delivered when one of them is wrong. A larger frame is delivered while it is read.
    public var verifiedFrameSize: Int

    /// Values below 1 (0 for `verifiedFrameSize`) are raised to it.
    public init(
        chunkSize: Int = 1 << 20,
        maximumLineLength: Int = 64 << 20,
        verifiedFrameSize: Int = 32 << 20
    ) {
        self.chunkSize = max(chunkSize, 1)
        self.maximumLineLength = max(maximumLineLength, 1)
        self.verifiedFrameSize = max(verifiedFrameSize, 0)
    }
}
