/// What is wrong with a compressed file. Texts are libzstd's own words.
public enum DumpFault: Hashable, Sendable {
    /// The file ends before its frame does.
    case truncated
    /// The compressed bytes contradict themselves.
    case corrupted(String)
    /// The text of the frame is not the one that was compressed.
    case wrongChecksum(String)
    /// Where a frame should begin, at the start of the file or after another frame, stands something else.
    case foreignBytes
    /// The frame asks for something that this program does not have, such as a dictionary.
    case unsupported(String)
}

extension DumpFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated: "is cut off"
        case .corrupted(let words): "is corrupted (\(words))"
        case .wrongChecksum(let words): "fails its checksum (\(words))"
        case .foreignBytes: "holds something that is not zstd"
        case .unsupported(let words): "cannot be decompressed (\(words))"
        }
    }
}
