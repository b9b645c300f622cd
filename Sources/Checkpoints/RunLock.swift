import Glibc

/// The right to work on a job, held by one run at a time on a machine, and by one on a network file system with locks.
///
/// The lock is the kernel's, on the file `<checkpoint>.lock`: it ends with the process, however that ends, and child
/// processes do not inherit it. The file itself stays, because a run could otherwise lock a file that another one is
/// just removing.
public struct RunLock: ~Copyable, Sendable {
    private let file: OpenFile

    /// Takes the lock of the job with this checkpoint, without waiting. Missing folders are created.
    ///
    /// - Parameters:
    ///   - checkpoint: The path of the job's checkpoint.
    ///   - startedAt: When the run began, RFC 3339, for the message of a second run.
    /// - Throws: `CheckpointError.locked` when another run holds it, `CheckpointError.system` when it cannot be taken.
    public init(checkpoint: String, startedAt: String) throws(CheckpointError) {
        try self.init(checkpoint: checkpoint, startedAt: startedAt, calls: .live)
    }

    package init(checkpoint: String, startedAt: String, calls: FileSystemCalls) throws(CheckpointError) {
        let path = checkpoint + ".lock"
        let file = try FileOperation.lock.perform(on: path) { () throws(SystemError) in
            try Self.open(path, calls: calls)
        }
        do throws(SystemError) {
            try file.lock()
        } catch .wouldBlock {
            let text = try FileOperation.read.perform(on: path) { () throws(SystemError) in
                try file.read(at: 0, count: Self.longestHolder)
            }
            throw .locked(checkpoint: checkpoint, holder: Self.holder(in: text))
        } catch {
            throw .system(.lock, path: path, error)
        }
        let holder = "pid \(getpid()) since \(startedAt) on \(Self.hostName())\n"
        try FileOperation.write.perform(on: path) { () throws(SystemError) in
            try file.truncate(to: 0)
            try file.write(Array(holder.utf8), at: 0)
        }
        self.file = file
    }

    /// Gives the lock back. Calling it at the end of a run keeps the lock alive until then.
    public consuming func release() {}

    private static let longestHolder = 512

    private static func open(_ path: String, calls: FileSystemCalls) throws(SystemError) -> OpenFile {
        // Network file systems grant an exclusive lock only on a file that is open for writing.
        let flags = O_RDWR | O_CREAT
        do throws(SystemError) {
            return try OpenFile(path: path, flags: flags, calls: calls)
        } catch .notFound {
            try Folder(of: path, calls: calls).create()
            return try OpenFile(path: path, flags: flags, calls: calls)
        }
    }

    /// The one line that the holder wrote; nil when it did not get so far yet, or something else wrote the file.
    private static func holder(in bytes: [UInt8]) -> String? {
        guard bytes.last == UInt8(ascii: "\n"), bytes.starts(with: Array("pid ".utf8)) else { return nil }
        let line = bytes.dropLast()
        guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return String(decoding: line, as: UTF8.self)
    }

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: Int(HOST_NAME_MAX) + 1)
        // The count is that of the array, and Linux ends every name that fits with a zero.
        guard unsafe gethostname(&name, name.count) == 0 else { return "an unnamed host" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
