import Checkpoints
import Glibc

/// A file of a dump that takes frames.
struct DumpOutputFile: ~Copyable, Sendable {
    let path: String
    private let file: OpenFile

    /// Makes a new file, whose name is on the disk afterwards.
    ///
    /// - Parameter replaces: Whether a file of this name is one that a crash left and the manifest does not count.
    /// - Throws: `DumpWriteError.foreignFile` when there is another one.
    static func create(
        at path: String,
        replaces: Bool,
        calls: FileSystemCalls
    ) throws(DumpWriteError) -> DumpOutputFile {
        do throws(CheckpointError) {
            return try FileOperation.write.perform(on: path) { () throws(SystemError) in
                if replaces { try removeIfPresent(path, calls: calls) }
                let file = try OpenFile(path: path, flags: O_WRONLY | O_CREAT | O_EXCL, calls: calls)
                try Folder(of: path, calls: calls).sync()
                return DumpOutputFile(path: path, file: file)
            }
        } catch .system(_, _, .exists) {
            throw .foreignFile(path: path)
        } catch {
            throw .file(error)
        }
    }

    /// Opens the file of an earlier run and cuts it back to `length` bytes.
    static func reopen(at path: String, length: Int, calls: FileSystemCalls) throws(DumpWriteError) -> DumpOutputFile {
        do throws(CheckpointError) {
            return try FileOperation.append.perform(on: path) { () throws(SystemError) in
                let file = try OpenFile(path: path, flags: O_WRONLY, calls: calls)
                if try file.size() > length { try file.truncate(to: length) }
                return DumpOutputFile(path: path, file: file)
            }
        } catch {
            throw .file(error)
        }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(DumpWriteError) {
        try perform { (file) throws(SystemError) in try file.write(bytes, at: offset) }
    }

    /// Waits until the content is on the disk.
    func sync() throws(DumpWriteError) {
        try perform { (file) throws(SystemError) in try file.sync() }
    }

    consuming func close() throws(DumpWriteError) {
        let path = path
        do throws(SystemError) {
            try file.close()
        } catch {
            throw .file(.system(.append, path: path, error))
        }
    }

    private func perform(_ work: (borrowing OpenFile) throws(SystemError) -> Void) throws(DumpWriteError) {
        do throws(SystemError) {
            try work(file)
        } catch {
            throw .file(.system(.append, path: path, error))
        }
    }

    private static func removeIfPresent(_ path: String, calls: FileSystemCalls) throws(SystemError) {
        do throws(SystemError) {
            try calls.remove(path)
        } catch .notFound {
            return
        }
    }
}
