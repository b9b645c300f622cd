/// A run of whole consecutive lines of one file, read together, decoded together, acknowledged together.
public struct LineChunk: Sendable {
    /// The text. Every line ends with `\n`; the reader adds it to a last line that has none.
    public var bytes: [UInt8]
    /// Where the first line begins.
    public var start: DumpPosition
    /// Where the line after the last one begins; the start of the next file when the file is read to its end.
    public var end: DumpPosition
    /// Bytes that were read from disk for these lines, as they lie there.
    public var bytesOnDisk: Int

    public init(bytes: [UInt8], start: DumpPosition, end: DumpPosition, bytesOnDisk: Int) {
        self.bytes = bytes
        self.start = start
        self.end = end
        self.bytesOnDisk = bytesOnDisk
    }
}
