import Glibc

extension AtomicFile {
    /// New content of a file, in a temporary file beside it. One that is not committed is taken away.
    package struct Replacement: ~Copyable, Sendable {
        private let path: String
        private let calls: FileSystemCalls
        private var file: OpenFile?
        private var length = 0
        private var isInPlace = false

        init(path: String, readers: Readers, calls: FileSystemCalls) throws(SystemError) {
            let file = try Self.create(
                Self.temporaryPath(of: path), for: readers, in: Folder(of: path, calls: calls), calls)
            self.path = path
            self.calls = calls
            self.file = .some(consume file)
        }

        deinit {
            guard !isInPlace else { return }
            do throws(SystemError) {
                try calls.remove(Self.temporaryPath(of: path))
            } catch {
                // The failure that led here is the one to report; the next write replaces what stays.
            }
        }

        /// - Throws: `CheckpointError.system`.
        package mutating func append(_ bytes: [UInt8]) throws(CheckpointError) {
            do throws(SystemError) {
                try file?.write(bytes, at: length)
            } catch {
                throw .system(.write, path: path, error)
            }
            length += bytes.count
        }

        /// Puts the content in the place of the old one and returns when it is on the disk; called once.
        ///
        /// - Throws: as `AtomicFile.replace(with:)`.
        package mutating func commit() throws(CheckpointError) {
            do throws(SystemError) {
                try file?.sync()
                if let file = file.take() { try file.close() }
                try calls.rename(Self.temporaryPath(of: path), path)
                isInPlace = true
                try Folder(of: path, calls: calls).sync()
            } catch {
                throw .system(.write, path: path, error)
            }
        }

        private static func temporaryPath(of path: String) -> String { "\(path).\(getpid()).tmp" }

        private static func create(
            _ path: String, for readers: Readers, in folder: Folder, _ calls: FileSystemCalls
        ) throws(SystemError) -> OpenFile {
            let flags = O_WRONLY | O_CREAT | O_EXCL
            let mode: mode_t = readers == .owner ? 0o600 : 0o644
            do throws(SystemError) {
                return try OpenFile(path: path, flags: flags, mode: mode, calls: calls)
            } catch .exists {
                // A run that was killed left it, under the same number: in a container every run has the same one.
                try calls.remove(path)
            } catch .notFound {
                try folder.create()
            }
            return try OpenFile(path: path, flags: flags, mode: mode, calls: calls)
        }
    }
}
