public import BackfillCore
import Zstd

/// Reads one unit, an ordered list of dump files, in chunks of whole lines.
///
/// A file is plain text, or a sequence of zstd frames, whatever their number and wherever they cut the text. Blank
/// lines and `\r` stay in the text; a last line without a newline is given one.
///
/// Nothing is delivered twice or out of order, and reading that begins at the `end` of any chunk gives the same lines
/// with the same numbers as reading on would. Skippable frames are not counted: in a position they belong to the data
/// frame that follows them.
///
/// Lines of a zstd frame are delivered only after the frame has ended with the right checksum, unless its text is
/// larger than `DumpLimits.verifiedFrameSize`. Memory stays within about `verifiedFrameSize`, the longest line, a chunk
/// and the window of the frame (up to 2 GiB in a dump made with `zstd --long=31`).
///
/// One task at a time uses a reader. Its calls block on the disk.
public struct DumpReader: ~Copyable, Sendable {
    private let files: [CheckpointDocument.SourceFile]
    private let limits: DumpLimits
    private var text: DumpText?
    private var assembler: LineAssembler
    private var failure: DumpError?

    /// Opens nothing yet.
    ///
    /// - Parameters:
    ///   - files: The unit's files in reading order, as `SourceCatalog` gave them.
    ///   - position: The place of the first line to read, as a chunk of the same files gave it.
    public init(
        files: [CheckpointDocument.SourceFile],
        from position: DumpPosition = .start(ofFile: 0),
        limits: DumpLimits = DumpLimits()
    ) {
        self.files = files
        self.limits = limits
        assembler = LineAssembler(limits: limits, position: position, isPlain: false)
    }

    /// Where the next chunk begins; after the last one the start of the file behind the last one.
    ///
    /// Files without any text give no chunk, so the end of the last chunk may lie before this place.
    public var linePosition: DumpPosition { assembler.position }

    /// The next lines, nil at the end of the last file.
    ///
    /// Every line that stands before an error and is known to be right is delivered before the error is thrown. A call
    /// after that throws the same error.
    ///
    /// - Throws: `DumpError`.
    public mutating func nextChunk() throws(DumpError) -> LineChunk? {
        while true {
            if let chunk = assembler.nextChunk() { return chunk }
            if let failure { throw failure }
            do throws(ReadFault) {
                if let open = text.take() {
                    try readOn(open)
                } else {
                    guard try openNextFile() else { return nil }
                }
            } catch {
                failure = describe(error)
            }
        }
    }

    /// Opens the file in which reading goes on; false when all files are read.
    private mutating func openNextFile() throws(ReadFault) -> Bool {
        let position = assembler.position
        guard position.file != files.count else { return false }
        guard files.indices.contains(position.file) else { throw .noSuchPosition }
        let opened = try DumpText.open(files[position.file], at: position)
        assembler = LineAssembler(limits: limits, position: position, isPlain: opened.isPlain)
        text = consume opened
        return true
    }

    /// Reads one step of the open file, and keeps the file for the next one unless it failed or ended.
    private mutating func readOn(_ open: consuming DumpText) throws(ReadFault) {
        let before = assembler.buffer.count
        let event = try open.read(into: &assembler.buffer, atMost: assembler.room)
        try assembler.textWasAppended(assembler.buffer.count - before, diskOffset: open.diskOffset)
        switch event {
        case .text:
            text = consume open
        case .endOfFrame:
            try assembler.frameDidEnd(diskOffset: open.diskOffset)
            text = consume open
        case .endOfFile:
            try assembler.fileDidEnd(diskOffset: open.diskOffset)
        }
    }

    /// Gives up the file at hand. The error says where, now that the last lines before it are known.
    private mutating func describe(_ fault: ReadFault) -> DumpError {
        let resumedAt = assembler.position
        let frame = assembler.frame
        let firstUnchecked = assembler.firstUncheckedLine
        let line = assembler.readingDidFail()
        let path = files.indices.contains(resumedAt.file) ? files[resumedAt.file].path : "The source"
        switch fault {
        case .file(let error):
            return error
        case .damaged(let fault):
            if let firstUnchecked, firstUnchecked < line {
                return .damagedAfterDelivery(
                    path: path, frame: frame, firstUnchecked: firstUnchecked, line: line, fault: fault)
            }
            return .damaged(path: path, frame: frame, line: line, fault: fault)
        case .outOfMemory(let words):
            return .outOfMemory(path: path, frame: frame, line: line, words: words)
        case .lineTooLong(let line):
            return .lineTooLong(path: path, frame: frame, line: line, limit: limits.maximumLineLength)
        case .noSuchPosition:
            return .noSuchPosition(path: path, position: resumedAt)
        }
    }
}

extension DumpReader: RecordSource {
    public var position: SourcePosition { .line(linePosition) }

    /// The next chunk of lines, or the end. A file is never idle.
    ///
    /// - Throws: `DumpError`, as `nextChunk()` does.
    public mutating func next() throws(DumpError) -> SourceStep {
        guard let chunk = try nextChunk() else { return .end }
        return .chunk(.lines(chunk))
    }
}
