public import BackfillCore
public import Checkpoints
import Zstd

/// One file of messages as lines of JSON, in frames of zstd, which another job can load. It takes its place when it is
/// complete; until then what stood there stands.
///
/// All calls block their thread.
public struct MessageFile: ~Copyable, Sendable {
    /// Bytes of text in a frame, about.
    private static let frameSize = 1 << 20

    private let path: String
    private var content: AtomicFile.Replacement
    private var text: [UInt8] = []
    /// Messages in the file.
    public private(set) var count = 0

    /// - Throws: `CheckpointError.system`.
    public init(path: String) throws(CheckpointError) {
        let content = try AtomicFile(path: path).replacement()
        self.path = path
        self.content = content
    }

    /// Appends the message of a record, without its reason.
    ///
    /// - Throws: `CheckpointError`.
    public mutating func append(_ record: Reject) throws(CheckpointError) {
        record.appendMessageLine(to: &text)
        count += 1
        if text.count >= Self.frameSize { try closeFrame() }
    }

    /// Puts the file in its place and returns when it is on the disk; called once.
    ///
    /// - Throws: `CheckpointError`.
    public mutating func commit() throws(CheckpointError) {
        try closeFrame()
        try content.commit()
    }

    private mutating func closeFrame() throws(CheckpointError) {
        guard !text.isEmpty else { return }
        let frame: [UInt8]
        do throws(ZstdError) {
            frame = try ZstdCompressor.frame(text)
        } catch {
            throw .unwritable(path: path, detail: error.description)
        }
        try content.append(frame)
        text.removeAll(keepingCapacity: true)
    }
}
