package import Glibc

/// The owner of one file descriptor, which no child process inherits.
package struct OpenFile: ~Copyable, Sendable {
    private let calls: FileSystemCalls
    private var descriptor: Int32?

    /// Opens the file at `path`; one that is created can be read by its owner alone, unless `mode` says otherwise.
    package init(
        path: String, flags: Int32, mode: mode_t = 0o600, calls: FileSystemCalls
    ) throws(SystemError) {
        self.calls = calls
        self.descriptor = try uninterrupted { () throws(SystemError) in
            try calls.open(path, flags | O_CLOEXEC, mode)
        }
    }

    deinit {
        guard let descriptor else { return }
        do throws(SystemError) {
            try calls.close(descriptor)
        } catch {
            // A file that ends here was only read or locked, or its writer already fails with the error that counts.
        }
    }

    /// The open file, or nil when there is none at `path`.
    package static func ifPresent(path: String, flags: Int32, calls: FileSystemCalls) throws(SystemError) -> OpenFile? {
        do throws(SystemError) {
            return try OpenFile(path: path, flags: flags, calls: calls)
        } catch .notFound {
            return nil
        }
    }

    package func size() throws(SystemError) -> Int {
        try calls.size(openDescriptor)
    }

    /// At most `count` bytes from `offset` on; none at the end of the file.
    package func read(at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
        let descriptor = try openDescriptor
        return try uninterrupted { () throws(SystemError) in try calls.read(descriptor, offset, count) }
    }

    /// Everything from `offset` to the end.
    package func readAll(from offset: Int = 0) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let piece = try read(at: offset + bytes.count, count: 1 << 16)
            if piece.isEmpty { return bytes }
            bytes += piece
        }
    }

    /// Writes all bytes, in as many calls as it takes.
    package func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        let descriptor = try openDescriptor
        var written = 0
        while written < bytes.count {
            let start = written
            let length = try uninterrupted { () throws(SystemError) in
                try calls.write(descriptor, bytes[start...], offset + start)
            }
            // A call that neither writes nor fails would be repeated for ever.
            guard length > 0 else { throw .inputOutput }
            written += length
        }
    }

    package func truncate(to length: Int) throws(SystemError) {
        let descriptor = try openDescriptor
        try uninterrupted { () throws(SystemError) in try calls.truncate(descriptor, length) }
    }

    /// Waits until the content is on the disk.
    package func sync() throws(SystemError) {
        let descriptor = try openDescriptor
        try uninterrupted { () throws(SystemError) in try calls.sync(descriptor) }
    }

    package func lock() throws(SystemError) {
        let descriptor = try openDescriptor
        try uninterrupted { () throws(SystemError) in try calls.lock(descriptor) }
    }

    /// Closes the file and reports what only closing reveals, as network file systems do.
    package consuming func close() throws(SystemError) {
        let descriptor = try openDescriptor
        // The number is free after `close` whatever it returns: closing again could hit a file of another owner.
        self.descriptor = nil
        do throws(SystemError) {
            try calls.close(descriptor)
        } catch {
            guard error == .interrupted else { throw error }
        }
    }

    private var openDescriptor: Int32 {
        get throws(SystemError) {
            guard let descriptor else { throw SystemError(number: EBADF) }
            return descriptor
        }
    }
}
