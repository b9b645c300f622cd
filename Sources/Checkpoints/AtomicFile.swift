import Glibc

/// A file that holds either its old or its new content, whenever the process or the machine stops.
///
/// All calls block their thread until the disk has answered. Only one process may write to the file at a time.
/// A symbolic link at the path is replaced, not followed.
public struct AtomicFile: Sendable {
    /// Who can read the file, less what the process' umask takes away.
    public enum Readers: Sendable {
        case owner, everyone
    }

    public let path: String
    private let readers: Readers
    private let calls: FileSystemCalls

    public init(path: String, readers: Readers = .owner) {
        self.init(path: path, readers: readers, calls: .live)
    }

    package init(path: String, readers: Readers = .owner, calls: FileSystemCalls) {
        self.path = path
        self.readers = readers
        self.calls = calls
    }

    /// The whole content, or nil when the file is missing.
    ///
    /// - Throws: `CheckpointError.system` when the file cannot be read.
    public func read() throws(CheckpointError) -> [UInt8]? {
        try FileOperation.read.perform(on: path) { () throws(SystemError) in
            try OpenFile.ifPresent(path: path, flags: O_RDONLY, calls: calls)?.readAll()
        }
    }

    /// Bytes of the content, or nil when the file is missing.
    package func size() throws(CheckpointError) -> Int? {
        try FileOperation.read.perform(on: path) { () throws(SystemError) in
            try OpenFile.ifPresent(path: path, flags: O_RDONLY, calls: calls)?.size()
        }
    }

    /// Puts `bytes` in the place of the old content and returns when they are on the disk.
    ///
    /// Missing folders are created. The file can be written by its owner alone, and read by its readers.
    ///
    /// - Throws: `CheckpointError.system`. The old content then stands, except where the last step failed, the wait
    ///   for the folder: then the new content stands, but may not survive a power failure.
    public func replace(with bytes: [UInt8]) throws(CheckpointError) {
        var content = try replacement()
        try content.append(bytes)
        try content.commit()
    }

    /// New content for the file, to be written piece by piece; until it is committed the old content stands.
    package func replacement() throws(CheckpointError) -> Replacement {
        try FileOperation.write.perform(on: path) { () throws(SystemError) in
            try Replacement(path: path, readers: readers, calls: calls)
        }
    }

    /// Takes the file away for good; a missing one is no error.
    func remove() throws(CheckpointError) {
        try FileOperation.write.perform(on: path) { () throws(SystemError) in
            do throws(SystemError) {
                try calls.remove(path)
            } catch .notFound {
                return
            }
            try Folder(of: path, calls: calls).sync()
        }
    }

    /// Renames the file to `<path>.previous`, in the place of an older one of that name.
    ///
    /// - Returns: The new path, or nil when there was no file.
    /// - Throws: `CheckpointError.system`.
    @discardableResult
    public func setAside() throws(CheckpointError) -> String? {
        try rename(to: path + ".previous")
    }

    /// Gives the file another path, in the place of what stands there.
    ///
    /// - Returns: the path that it has now, or nil when there was none.
    func rename(to newPath: String) throws(CheckpointError) -> String? {
        try FileOperation.setAside.perform(on: path) { () throws(SystemError) in
            do throws(SystemError) {
                try calls.rename(path, newPath)
            } catch .notFound {
                return nil
            }
            try Folder(of: path, calls: calls).sync()
            return newPath
        }
    }
}
