import Glibc

/// A file that nothing stands in the place of.
public enum NewFile {
    /// Writes a file that only its owner can read, and returns when it is on the disk.
    ///
    /// - Returns: false when there is something at the path already, which is left as it is.
    /// - Throws: `CheckpointError.system`. Nothing is at the path then, unless the folder could not be waited for.
    public static func write(_ bytes: [UInt8], to path: String) throws(CheckpointError) -> Bool {
        try FileOperation.write.perform(on: path) { () throws(SystemError) in
            let calls = FileSystemCalls.live
            let folder = Folder(of: path, calls: calls)
            let file: OpenFile
            do throws(SystemError) {
                file = try OpenFile(path: path, flags: O_WRONLY | O_CREAT | O_EXCL, calls: calls)
            } catch .exists {
                return false
            }
            do throws(SystemError) {
                try file.write(bytes, at: 0)
                try file.sync()
                try file.close()
            } catch {
                // Half of it would be taken for the whole. The failure that led here is the one to report.
                try? calls.remove(path)
                throw error
            }
            try folder.sync()
            return true
        }
    }
}
