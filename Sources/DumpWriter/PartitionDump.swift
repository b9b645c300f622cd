public import BackfillCore
import Zstd

/// Writes the messages of one partition: lines of JSON, in frames of zstd, in one file after another.
///
/// A frame is counted by the manifest only when it is on the disk, and it ends where a chunk ends: after a crash the
/// next run reads on behind the last chunk that the manifest counts, and cuts off what lies behind it.
///
/// One task at a time uses a writer. Its calls block on the disk, and compress on the thread that calls. Memory stays
/// within about a frame of text and the same compressed.
public struct PartitionDump: ~Copyable, Sendable {
    private let writer: DumpWriter
    private let index: Int
    private let line: MessageLine
    private var compressor: ZstdCompressor
    /// Everything up to the last chunk, save that its files lack what is still in `text`.
    private var state: DumpManifest.Partition
    /// Lines that are in no frame yet.
    private var text: [UInt8] = []
    /// The offset of the first message in `text`, and the number of them.
    private var firstOffset: Int64?
    private var messages = 0
    /// The last file of `state`, while it is incomplete.
    private var file: DumpOutputFile?
    /// Whether the file of the next number, if there is one, was left by a run that crashed.
    private var mayReplaceFile: Bool
    /// When the manifest last took note of this partition.
    private var recordedAt: ContinuousClock.Instant
    private var failure: DumpWriteError?

    init(writer: DumpWriter, index: Int, state: DumpManifest.Partition) throws(DumpWriteError) {
        let compressor = try Self.makeCompressor(folder: writer.folder)
        let file = try Self.openFile(of: state, writer: writer)
        self.writer = writer
        self.index = index
        self.state = state
        line = MessageLine(topic: state.topic, partition: Int(state.number))
        // The next file is made only after the manifest calls the one before complete.
        mayReplaceFile = writer.isResumed && state.files.last?.isComplete != false
        recordedAt = writer.now()
        self.compressor = compressor
        self.file = file
    }

    private static func makeCompressor(folder: String) throws(DumpWriteError) -> ZstdCompressor {
        do throws(ZstdError) {
            return try ZstdCompressor()
        } catch {
            throw .outOfMemory(path: folder, words: error.description)
        }
    }

    /// The unfinished file that an earlier run left, if there is one.
    private static func openFile(
        of state: DumpManifest.Partition, writer: DumpWriter
    ) throws(DumpWriteError) -> DumpOutputFile? {
        guard let last = state.files.last, !last.isComplete else { return nil }
        return try .reopen(at: writer.path(of: last.name), length: last.bytes, calls: writer.calls)
    }

    /// The offset of the next message to append.
    public var nextOffset: Int64 { state.nextOffset }

    /// Takes the messages of the next chunk. They are not all on the disk when this returns.
    ///
    /// - Throws: `DumpWriteError`. Every later call throws the same.
    public mutating func append(_ chunk: MessageChunk) throws(DumpWriteError) {
        precondition(
            chunk.topic == state.topic && chunk.partition == state.number && chunk.end >= state.nextOffset
                && chunk.messages.allSatisfy { $0.offset >= state.nextOffset },
            "A chunk of \(chunk.topic)-\(chunk.partition) up to \(chunk.end) was appended to the dump of "
                + "\(state.topic)-\(state.number), which stands at \(state.nextOffset).")
        try attempt { (dump) throws(DumpWriteError) in
            dump.take(chunk)
            if dump.text.count >= dump.writer.sizes.frame { try dump.writeText() }
            if dump.text.isEmpty { try dump.record(isUrgent: false) }
        }
    }

    /// Puts everything that was appended on the disk and into the manifest, for a run that stops before the end.
    ///
    /// - Throws: `DumpWriteError`, as `append` does.
    public mutating func flush() throws(DumpWriteError) {
        try attempt { (dump) throws(DumpWriteError) in
            try dump.writeText()
            try dump.record(isUrgent: true)
        }
    }

    /// Ends the partition's last file, after the last chunk of its ranges, and returns when everything is on the disk
    /// and in the manifest.
    ///
    /// - Throws: `DumpWriteError`, as `append` does.
    public mutating func finish() throws(DumpWriteError) {
        precondition(
            state.isRead, "The dump of \(state.topic)-\(state.number) was finished at \(state.nextOffset), too early.")
        try attempt { (dump) throws(DumpWriteError) in
            try dump.writeText()
            try dump.completeFile()
            try dump.record(isUrgent: true)
        }
    }

    private mutating func attempt(
        _ work: (inout PartitionDump) throws(DumpWriteError) -> Void
    ) throws(DumpWriteError) {
        if let failure { throw failure }
        do throws(DumpWriteError) {
            try work(&self)
        } catch {
            failure = error
            throw error
        }
    }

    private mutating func take(_ chunk: MessageChunk) {
        for message in chunk.messages {
            line.append(message, headers: chunk.headers, bytes: chunk.bytes, to: &text)
        }
        firstOffset = firstOffset ?? chunk.messages.first?.offset
        messages += chunk.messages.count
        state.nextOffset = chunk.end
        state.messages += chunk.messages.count
        state.absent += chunk.absent
        state.gaps += chunk.gaps
    }

    /// Writes `text` as frames to the partition's file.
    private mutating func writeText() throws(DumpWriteError) {
        guard let firstOffset else { return }
        let output: DumpOutputFile
        if let open = file.take() { output = open } else { output = try createFile(firstOffset: firstOffset) }
        let last = state.files.count - 1
        // Taken out, because the compressor is changed while the text is read.
        var text: [UInt8] = []
        swap(&text, &self.text)
        var frame: [UInt8] = []
        var start = 0
        while start < text.count {
            let end = frameEnd(in: text, from: start)
            do throws(ZstdError) {
                try compressor.appendFrame(of: text.span.extracting(start..<end), to: &frame)
            } catch {
                throw .outOfMemory(path: output.path, words: error.description)
            }
            try output.write(frame, at: state.files[last].bytes)
            state.files[last].add(ZstdSeekTable.Frame(size: UInt32(frame.count), textSize: UInt32(end - start)))
            frame.removeAll(keepingCapacity: true)
            start = end
        }
        state.files[last].messages += messages
        state.files[last].nextOffset = state.nextOffset
        // The memory of one huge message is not kept for the rest of the run.
        if text.capacity <= 2 * writer.sizes.largestFrame {
            text.removeAll(keepingCapacity: true)
            swap(&text, &self.text)
        }
        messages = 0
        self.firstOffset = nil
        file = consume output
        if state.files[last].bytes >= writer.sizes.file { try rollOver() }
    }

    /// Where the frame that begins at `start` of `text` ends: behind a line, unless one line alone is too large.
    private func frameEnd(in text: [UInt8], from start: Int) -> Int {
        let limit = start + writer.sizes.largestFrame
        guard limit < text.count else { return text.count }
        return text[start..<limit].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? limit
    }

    /// Makes the next file of the partition and its entry.
    private mutating func createFile(firstOffset: Int64) throws(DumpWriteError) -> DumpOutputFile {
        let name = state.fileName(state.files.count)
        let output = try DumpOutputFile.create(
            at: writer.path(of: name), replaces: mayReplaceFile, calls: writer.calls)
        mayReplaceFile = false
        state.files.append(DumpManifest.File(name: name, firstOffset: firstOffset))
        return output
    }

    /// Ends a file that is large enough.
    private mutating func rollOver() throws(DumpWriteError) {
        // Once the manifest calls this file complete, a file of the next name is taken for one that a crash left.
        try writer.requireNoFile(state.fileName(state.files.count))
        try completeFile()
        try record(isUrgent: true)
    }

    /// Writes the seek table behind the frames of the open file, if there is one.
    private mutating func completeFile() throws(DumpWriteError) {
        guard let output = file.take() else { return }
        let last = state.files.count - 1
        let table = ZstdSeekTable(frames: state.files[last].frames?.frames ?? []).bytes
        try output.write(table, at: state.files[last].bytes)
        try output.sync()
        try output.close()
        state.files[last].complete(tableSize: table.count)
    }

    /// Tells the manifest what the files hold, once that is on the disk.
    private mutating func record(isUrgent: Bool) throws(DumpWriteError) {
        let now = writer.now()
        guard isUrgent || recordedAt.duration(to: now) >= DumpWriter.savePause else { return }
        try file?.sync()
        try writer.record(state, at: index, isUrgent: isUrgent)
        recordedAt = now
    }
}
