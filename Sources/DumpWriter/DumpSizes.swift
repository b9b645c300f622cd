/// How a dump is cut.
public struct DumpSizes: Sendable, Hashable {
    /// Bytes of text that a frame aims at. It ends with the chunk that reaches them.
    public var frame: Int
    /// Bytes on disk after which a file is complete.
    public var file: Int

    /// Values below 1 are raised to it, and a frame's is brought below 1 GiB, as a seek table has room for 4 GiB.
    public init(frame: Int = 8 << 20, file: Int = 1 << 30) {
        self.frame = min(max(frame, 1), 1 << 30)
        self.file = max(file, 1)
    }

    /// The most text of a frame; a chunk that makes more of it is cut into several.
    var largestFrame: Int { 2 * frame }
}
