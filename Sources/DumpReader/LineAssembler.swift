import BackfillCore

/// Makes chunks of whole lines out of the text of one file.
///
/// Whoever reads the file appends its text to `buffer` and reports every step here. The assembler knows where lines
/// begin, and holds lines back until the frame that they came from has proved right. It does no I/O.
struct LineAssembler: ~Copyable {
    private let limits: DumpLimits
    /// The most bytes that a line may take up with its newline.
    private let longestLine: Int

    /// Text that is in no chunk yet; begins with a line.
    var buffer: [UInt8] = []
    /// How far `buffer` may be filled at present.
    private var bufferLimit: Int
    /// Where the first line of `buffer` begins.
    private var start: DumpPosition
    /// Bytes of whole lines in `buffer`.
    private var wholeLines = 0
    /// Where the line behind the whole lines begins; its `line` is not counted yet.
    private var wholeLinesEnd: DumpPosition

    /// Chunks with text of a frame that has not proved right, oldest first.
    private var held: [LineChunk] = []
    /// The bytes of whole lines that may be delivered at the front of the oldest text: `held.first`, else `buffer`.
    private var provedLines = 0
    /// Where the line behind the proved ones begins; its `line` is not counted yet.
    private var provedLinesEnd: DumpPosition
    /// Chunks to deliver, latest first, so that the oldest one is taken off cheaply.
    private var ready: [LineChunk] = []
    /// Whether no more text will come, so that nothing waits for it.
    private var isFinished = false

    /// Number of the frame at hand, or of the next one between two frames.
    private(set) var frame: Int
    private var frameOffset: Int
    /// Bytes of text that the frame has given so far.
    private var frameText = 0
    /// Whether the lines of the frame may be delivered before its end.
    private var isStreaming: Bool
    /// The line that the first byte of the frame belongs to, when lines of the frame may be delivered unproved.
    private(set) var firstUncheckedLine: Int?

    /// Bytes of the frame's text that lie before the place where reading goes on, and are still to come.
    private var toSkip: Int
    private var skippedLines = 0
    /// The number of the line that is wanted first, while its frame is at hand and its text before that is skipped.
    private var resumedLine: Int?

    /// How far the file was used, in bytes on disk.
    private var diskOffset = 0
    /// How much of that earlier chunks account for.
    private var accountedDiskOffset: Int

    /// - Parameters:
    ///   - position: The place of the first line that is wanted. The text of a plain file is appended from there on,
    ///     that of a zstd file from the beginning of the position's frame on.
    ///   - isPlain: Whether the file is plain text, which has nothing to be checked against.
    init(limits: DumpLimits, position: DumpPosition, isPlain: Bool) {
        self.limits = limits
        longestLine = limits.maximumLineLength + 1
        bufferLimit = min(limits.chunkSize, longestLine)
        start = position
        wholeLinesEnd = position
        provedLinesEnd = position
        frame = position.frame
        frameOffset = position.frameOffset
        isStreaming = isPlain
        toSkip = isPlain ? 0 : position.textOffset
        frameText = isPlain ? position.textOffset : 0
        resumedLine = position.textOffset > 0 ? position.line : nil
        accountedDiskOffset = isPlain ? position.textOffset : position.frameOffset
    }

    /// How many bytes may be appended to `buffer` in the next step; at least 1.
    var room: Int { min(bufferLimit - buffer.count, limits.chunkSize) }

    /// Where the next chunk will begin.
    var position: DumpPosition { ready.last?.start ?? held.first?.start ?? start }

    /// The next chunk in order, nil while there is none whose end is known.
    ///
    /// The latest chunk waits for text that follows it, as the last chunk of a file ends where the next file begins.
    mutating func nextChunk() -> LineChunk? {
        guard isFinished || ready.count > 1 || !held.isEmpty || !buffer.isEmpty else { return nil }
        return ready.popLast()
    }

    /// Takes notice of the last `count` bytes of `buffer`.
    ///
    /// - Parameter diskOffset: How far the file is used now, in bytes on disk.
    mutating func textWasAppended(_ count: Int, diskOffset: Int) throws(ReadFault) {
        self.diskOffset = diskOffset
        var count = count
        if toSkip > 0 {
            count -= try skip(count)
            guard toSkip == 0 else { return }
        }
        let old = buffer.count - count
        if let newline = buffer[old...].lastIndex(of: UInt8(ascii: "\n")) {
            wholeLines = newline + 1
            wholeLinesEnd = place(textOffset: frameText + wholeLines - old)
        }
        frameText += count
        if !isStreaming, frameText > limits.verifiedFrameSize { beginStreaming() }
        if isStreaming { proveWholeLines() }
        if buffer.count >= min(limits.chunkSize, longestLine) {
            if wholeLines > 0 {
                cutChunk()
            } else if buffer.count == bufferLimit {
                guard bufferLimit < longestLine else { throw .lineTooLong(line: start.line) }
                bufferLimit = min(bufferLimit * 2, longestLine)
            }
        }
    }

    /// Takes notice that the frame ended and is right, at `diskOffset` in the file.
    mutating func frameDidEnd(diskOffset: Int) throws(ReadFault) {
        guard toSkip == 0 else { throw .noSuchPosition }
        self.diskOffset = diskOffset
        frame += 1
        frameOffset = diskOffset
        frameText = 0
        isStreaming = false
        resumedLine = nil
        firstUncheckedLine = nil
        releaseHeld()
        // A line that begins between two frames is one of the later frame.
        if wholeLines == buffer.count { wholeLinesEnd = place(textOffset: 0) }
        if buffer.isEmpty {
            let line = start.line
            start = wholeLinesEnd
            start.line = line
            if !ready.isEmpty { ready[0].end = start }
        }
        proveWholeLines()
    }

    /// Takes notice that the file ended well, outside of a frame.
    mutating func fileDidEnd(diskOffset: Int) throws(ReadFault) {
        guard toSkip == 0 else { throw .noSuchPosition }
        self.diskOffset = diskOffset
        if buffer.count > wholeLines {
            buffer.append(UInt8(ascii: "\n"))
            wholeLines = buffer.count
        }
        proveWholeLines()
        if wholeLines > 0 { cutChunk() }
        if !ready.isEmpty {
            ready[0].end = .start(ofFile: start.file + 1)
            ready[0].bytesOnDisk += diskOffset - accountedDiskOffset
        }
        start = .start(ofFile: start.file + 1)
        isFinished = true
    }

    /// Takes notice that the file cannot be read any further: drops every line that is not proved and makes the others
    /// ready. Returns the number of the first line that will not be delivered.
    mutating func readingDidFail() -> Int {
        isFinished = true
        guard provedLines > 0 else {
            start = held.first?.start ?? start
            held = []
            buffer = []
            return start.line
        }
        var chunk: LineChunk
        if held.isEmpty {
            let bytesOnDisk = diskOffset - accountedDiskOffset
            chunk = LineChunk(bytes: buffer, start: start, end: start, bytesOnDisk: bytesOnDisk)
        } else {
            chunk = held[0]
        }
        held = []
        buffer = []
        chunk.bytes.removeLast(chunk.bytes.count - provedLines)
        chunk.end = provedLinesEnd
        chunk.end.line = chunk.start.line + newlineCount(chunk.bytes.span)
        start = chunk.end
        ready.insert(chunk, at: 0)
        return start.line
    }

    private func place(textOffset: Int) -> DumpPosition {
        DumpPosition(file: start.file, frame: frame, frameOffset: frameOffset, textOffset: textOffset, line: 0)
    }

    /// Drops those of the last `count` bytes that lie before the place where reading goes on. Returns their number.
    private mutating func skip(_ count: Int) throws(ReadFault) -> Int {
        let skipped = min(toSkip, count)
        skippedLines += newlineCount(buffer.span.extracting(first: skipped))
        toSkip -= skipped
        frameText += skipped
        if toSkip == 0 {
            guard skipped == 0 || buffer[skipped - 1] == UInt8(ascii: "\n") else { throw .noSuchPosition }
            accountedDiskOffset = diskOffset
        }
        buffer.removeFirst(skipped)
        return skipped
    }

    private mutating func beginStreaming() {
        isStreaming = true
        if let resumedLine {
            firstUncheckedLine = resumedLine - skippedLines
        } else {
            let oldest = held.first?.bytes ?? buffer
            let firstLine = held.first?.start.line ?? start.line
            firstUncheckedLine = firstLine + newlineCount(oldest.span.extracting(first: provedLines))
        }
        releaseHeld()
    }

    private mutating func releaseHeld() {
        ready.insert(contentsOf: held.reversed(), at: 0)
        held.removeAll(keepingCapacity: true)
    }

    /// All whole lines may be delivered. Nothing is held any more.
    private mutating func proveWholeLines() {
        provedLines = wholeLines
        provedLinesEnd = wholeLinesEnd
    }

    private mutating func cutChunk() {
        var end = wholeLinesEnd
        end.line = start.line + newlineCount(buffer.span.extracting(first: wholeLines))
        let bytes = takeWholeLines()
        let chunk = LineChunk(bytes: bytes, start: start, end: end, bytesOnDisk: diskOffset - accountedDiskOffset)
        accountedDiskOffset = diskOffset
        start = end
        if held.isEmpty, provedLines == wholeLines {
            ready.insert(chunk, at: 0)
            provedLines = 0
            provedLinesEnd = end
        } else {
            held.append(chunk)
        }
        wholeLines = 0
        wholeLinesEnd = end
    }

    /// Takes the whole lines out of `buffer` and leaves the rest.
    private mutating func takeWholeLines() -> [UInt8] {
        bufferLimit = min(limits.chunkSize, longestLine)
        guard wholeLines > buffer.capacity / 2 else {
            // A chunk must not keep much more memory than it has bytes, as its holders count the bytes. The capacity
            // is reserved because an array made of a slice of all elements would share the large storage.
            var lines: [UInt8] = []
            lines.reserveCapacity(wholeLines)
            lines.append(contentsOf: buffer[..<wholeLines])
            buffer.removeFirst(wholeLines)
            return lines
        }
        var rest: [UInt8] = []
        rest.reserveCapacity(bufferLimit)
        rest.append(contentsOf: buffer[wholeLines...])
        buffer.removeLast(rest.count)
        swap(&buffer, &rest)
        return rest
    }
}
