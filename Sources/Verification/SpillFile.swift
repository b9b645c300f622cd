import BackfillCore
import Checkpoints
import Glibc

/// Entries that do not fit into memory, apart by the hash of their keys, in the order in which they came.
///
/// They lie in one file that has no name any more: it is gone with the process, however that ends. All calls block their
/// thread.
struct SpillFile: ~Copyable {
    private struct Partition {
        /// Entries that are not in the file yet.
        var buffer: [UInt8] = []
        /// Where the blocks of whole entries lie in the file.
        var blocks: [Range<Int>] = []
    }

    static let partitionCount = 64
    /// Bytes of a partition's entries that are written together.
    private static let blockSize = 32 << 10

    private let file: OpenFile
    private let path: String
    private let hash: SeededHash
    private var partitions: [Partition]
    private var length = 0

    /// - Parameters:
    ///   - path: of a file that is not there; it stays so.
    ///   - level: how often entries were set apart before, so that they are set apart in another way.
    /// - Throws: `CheckpointError.system`.
    init(path: String, level: Int, calls: FileSystemCalls) throws(CheckpointError) {
        self.path = path
        self.hash = SeededHash(seed: UInt64(level))
        self.partitions = [Partition](repeating: Partition(), count: Self.partitionCount)
        self.file = try FileOperation.write.perform(on: path) { () throws(SystemError) in
            let file = try Self.create(path, calls: calls)
            try calls.remove(path)
            return file
        }
    }

    private static func create(_ path: String, calls: FileSystemCalls) throws(SystemError) -> OpenFile {
        let flags = O_RDWR | O_CREAT | O_EXCL
        do throws(SystemError) {
            return try OpenFile(path: path, flags: flags, calls: calls)
        } catch .exists {
            // One that was killed just then left it, under the same number.
            try calls.remove(path)
        } catch .notFound {
            try Folder(of: path, calls: calls).create()
        }
        return try OpenFile(path: path, flags: flags, calls: calls)
    }

    mutating func append(_ entry: SpillEntry) throws(CheckpointError) {
        let index = Int(hash(entry.key) % UInt64(Self.partitionCount))
        entry.append(to: &partitions[index].buffer)
        if partitions[index].buffer.count >= Self.blockSize { try flush(index) }
    }

    /// Hands on every entry of a partition, in order, until `body` says that it has enough.
    func forEach(
        in partition: Int, _ body: (SpillEntry) throws(CheckpointError) -> Bool
    ) throws(CheckpointError) {
        for block in partitions[partition].blocks {
            let bytes = try FileOperation.read.perform(on: path) { () throws(SystemError) in
                try read(block)
            }
            guard try Self.forEach(in: bytes, body) else { return }
        }
        _ = try Self.forEach(in: partitions[partition].buffer, body)
    }

    private static func forEach(
        in bytes: [UInt8], _ body: (SpillEntry) throws(CheckpointError) -> Bool
    ) throws(CheckpointError) -> Bool {
        var position = 0
        while position < bytes.count {
            guard try body(SpillEntry(from: bytes, at: &position)) else { return false }
        }
        return true
    }

    private func read(_ block: Range<Int>) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(block.count)
        while bytes.count < block.count {
            let piece = try file.read(at: block.lowerBound + bytes.count, count: block.count - bytes.count)
            guard !piece.isEmpty else { throw .inputOutput }
            bytes += piece
        }
        return bytes
    }

    private mutating func flush(_ index: Int) throws(CheckpointError) {
        let (start, bytes) = (length, partitions[index].buffer)
        try FileOperation.write.perform(on: path) { () throws(SystemError) in try file.write(bytes, at: start) }
        length += bytes.count
        partitions[index].blocks.append(start..<length)
        partitions[index].buffer.removeAll(keepingCapacity: true)
    }
}
