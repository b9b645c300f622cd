import BackfillCore
import Crypto
import Glibc

/// An open dump file. The only place of the module that talks to the system about an open file.
@safe
struct DumpFile: ~Copyable {
    /// Names a file on this machine under all of its names.
    struct Inode: Hashable {
        var device: UInt
        var number: UInt
    }

    private static let digestedBytes = 64 << 10

    let path: String
    private let descriptor: Int32
    let inode: Inode
    /// Bytes on disk when the file was opened.
    let size: Int
    /// Where the next `read` begins.
    private(set) var offset = 0

    init(path: String) throws(DumpError) {
        // O_NONBLOCK: opening a named pipe must not wait for its writer. It means nothing for a regular file.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(path: path, operation: .open, code: errno) }
        do throws(DumpError) {
            let status = try Self.status(descriptor, path: path)
            guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
            inode = Inode(device: UInt(status.st_dev), number: UInt(status.st_ino))
            size = Int(status.st_size)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Tells the system that the file will be read from here to its end, and goes on at `offset`.
    mutating func startReading(at offset: Int) {
        self.offset = offset
        // Advice only: a file system that does not know it is read all the same.
        _ = posix_fadvise(descriptor, off_t(offset), 0, POSIX_FADV_SEQUENTIAL)
    }

    /// Appends the next bytes of the file to `output`, at least one unless the file has ended.
    ///
    /// - Throws: `DumpError.changed` when the file ends elsewhere than it did when it was opened.
    mutating func read(into output: inout OutputSpan<UInt8>) throws(DumpError) {
        let room = min(output.freeCapacity, size - offset)
        guard room > 0 else {
            guard try Int(Self.status(descriptor, path: path).st_size) == size else { throw .changed(path: path) }
            return
        }
        let count = try read(into: &output, atMost: room, from: offset)
        guard count > 0 else { throw .changed(path: path) }
        offset += count
    }

    /// Up to `count` bytes from `offset` on, fewer only where the file ends.
    func bytes(from offset: Int, count: Int) throws(DumpError) -> [UInt8] {
        try [UInt8](capacity: count) { output throws(DumpError) in
            while output.count < count {
                let step = try read(into: &output, atMost: count - output.count, from: offset + output.count)
                guard step > 0 else { return }
            }
        }
    }

    /// What the file is known by: its size, and SHA-256 over the size (eight bytes, least significant first), the first
    /// and the last 64 KiB.
    func identity() throws(DumpError) -> CheckpointDocument.SourceFile {
        var hash = SHA256()
        hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: size >> ($0 * 8)) })
        hash.update(data: try bytes(from: 0, count: Self.digestedBytes))
        hash.update(data: try bytes(from: max(size - Self.digestedBytes, 0), count: Self.digestedBytes))
        let digits = Array("0123456789abcdef")
        let digest = String(hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] })
        return CheckpointDocument.SourceFile(path: path, size: size, digest: digest)
    }

    /// - Throws: `DumpError`, for a foreign compression too.
    func format() throws(DumpError) -> DumpFormat {
        try DumpFormat(prefix: try bytes(from: 0, count: DumpFormat.prefixLength), path: path)
    }

    private func read(
        into output: inout OutputSpan<UInt8>,
        atMost count: Int,
        from offset: Int
    ) throws(DumpError) -> Int {
        let (descriptor, path) = (descriptor, path)
        // The system writes at most `count` bytes, which is at most the free capacity, and says how many.
        return try unsafe output.withUnsafeMutableBufferPointer { buffer, initializedCount throws(DumpError) in
            while true {
                let free = unsafe buffer.baseAddress?.advanced(by: initializedCount)
                let result = unsafe pread(descriptor, free, min(count, buffer.count - initializedCount), off_t(offset))
                if result >= 0 {
                    initializedCount += result
                    return result
                }
                guard errno == EINTR else { throw DumpError.system(path: path, operation: .read, code: errno) }
            }
        }
    }

    private static func status(_ descriptor: Int32, path: String) throws(DumpError) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(path: path, operation: .read, code: errno) }
        return status
    }
}
