import BackfillCore

/// The text of one open dump file, whatever its format.
struct DumpText: ~Copyable {
    private var file: DumpFile
    /// Nil for a plain file.
    private var zstd: ZstdTextReader?
    let isPlain: Bool
    /// How far the file was used, in bytes on disk.
    private(set) var diskOffset: Int

    private init(file: consuming DumpFile, zstd: consuming ZstdTextReader?, isPlain: Bool, diskOffset: Int) {
        self.file = file
        self.zstd = zstd
        self.isPlain = isPlain
        self.diskOffset = diskOffset
        self.file.startReading(at: diskOffset)
    }

    /// Opens the file and goes to `position`: to the line itself in a plain file, to the frame in a zstd file.
    static func open(_ source: CheckpointDocument.SourceFile, at position: DumpPosition) throws(ReadFault) -> DumpText {
        let file = try known(source)
        let isPlain: Bool
        do throws(DumpError) {
            isPlain = try file.format() == .plain
        } catch {
            throw .file(error)
        }
        guard try canHold(position, in: file, isPlain: isPlain) else { throw .noSuchPosition }
        return DumpText(
            file: file,
            zstd: isPlain ? nil : try ZstdTextReader(),
            isPlain: isPlain,
            diskOffset: isPlain ? position.textOffset : position.frameOffset)
    }

    /// Appends up to `room` bytes of text to `buffer`.
    mutating func read(into buffer: inout [UInt8], atMost room: Int) throws(ReadFault) -> TextEvent {
        if let event = try zstd?.read(from: &file, into: &buffer, atMost: room, diskOffset: &diskOffset) {
            return event
        }
        let before = diskOffset
        do throws(DumpError) {
            try buffer.append(addingCapacity: room) { output throws(DumpError) in try file.read(into: &output) }
        } catch {
            throw .file(error)
        }
        diskOffset = file.offset
        return diskOffset > before ? .text : .endOfFile
    }

    /// The file of this name, which must be the very one that the job was planned with.
    private static func known(_ source: CheckpointDocument.SourceFile) throws(ReadFault) -> DumpFile {
        do throws(DumpError) {
            let file = try DumpFile(path: source.path)
            guard try file.identity() == source else { throw .changed(path: source.path) }
            return file
        } catch {
            throw .file(error)
        }
    }

    /// Whether a line or, in a zstd file, a frame may begin at `position`.
    private static func canHold(
        _ position: DumpPosition,
        in file: borrowing DumpFile,
        isPlain: Bool
    ) throws(ReadFault) -> Bool {
        guard position.frame >= 1, position.textOffset >= 0, (0...file.size).contains(position.frameOffset) else {
            return false
        }
        guard isPlain else { return true }
        guard position.frame == 1, position.frameOffset == 0, position.textOffset <= file.size else { return false }
        guard position.textOffset > 0 else { return true }
        do throws(DumpError) {
            return try file.bytes(from: position.textOffset - 1, count: 1) == [UInt8(ascii: "\n")]
        } catch {
            throw .file(error)
        }
    }
}
