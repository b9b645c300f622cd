import Glibc

extension FileSystemCalls {
    /// The calls of this machine.
    ///
    /// A path is unsafe to pass only as a pointer; Swift lends it, ended by a zero, for the whole call.
    package static let live = FileSystemCalls(
        open: { (path, flags, mode) throws(SystemError) in
            let descriptor = unsafe Glibc.open(path, flags, mode)
            guard descriptor >= 0 else { throw .current }
            return descriptor
        },
        close: { (descriptor) throws(SystemError) in
            guard Glibc.close(descriptor) == 0 else { throw .current }
        },
        read: { (descriptor, offset, count) throws(SystemError) in
            var bytes = [UInt8](repeating: 0, count: count)
            // The buffer is `count` bytes long and lives for the whole call.
            let length = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(descriptor, buffer.baseAddress, count, off_t(offset))
            }
            guard length >= 0 else { throw .current }
            bytes.removeSubrange(length...)
            return bytes
        },
        write: { (descriptor, bytes, offset) throws(SystemError) in
            // The buffer holds exactly these bytes and lives for the whole call.
            let length = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            }
            guard length >= 0 else { throw .current }
            return length
        },
        size: { (descriptor) throws(SystemError) in
            var status = stat()
            // `fstat` writes one `stat`, which lives for the whole call.
            guard unsafe fstat(descriptor, &status) == 0 else { throw .current }
            return Int(status.st_size)
        },
        truncate: { (descriptor, length) throws(SystemError) in
            guard ftruncate(descriptor, off_t(length)) == 0 else { throw .current }
        },
        sync: { (descriptor) throws(SystemError) in
            guard fsync(descriptor) == 0 else { throw .current }
        },
        lock: { (descriptor) throws(SystemError) in
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .current }
        },
        rename: { (path, newPath) throws(SystemError) in
            guard unsafe Glibc.rename(path, newPath) == 0 else { throw .current }
        },
        remove: { (path) throws(SystemError) in
            guard unsafe unlink(path) == 0 else { throw .current }
        },
        makeFolder: { (path, mode) throws(SystemError) in
            guard unsafe mkdir(path, mode) == 0 else { throw .current }
        },
        list: { (path) throws(SystemError) in
            guard let folder = unsafe opendir(path) else { throw .current }
            defer { unsafe closedir(folder) }
            var names: [String] = []
            while true {
                // Only so the end is told from an error.
                errno = 0
                guard let entry = unsafe readdir(folder) else {
                    guard errno == 0 else { throw .current }
                    return names
                }
                // The name is ended by a zero, and the entry stays valid until the next call.
                unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                    unsafe name.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                        unsafe names.append(String(cString: $0))
                    }
                }
            }
        })
}
