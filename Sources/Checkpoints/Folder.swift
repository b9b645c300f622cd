import Glibc

/// The folder that holds a file.
package struct Folder {
    package let path: String
    private let calls: FileSystemCalls

    package init(of file: String, calls: FileSystemCalls) {
        // Scalars, because a slash followed by a combining mark is one character that is no slash.
        let scalars = file.unicodeScalars
        if let slash = scalars.lastIndex(of: "/") {
            let last = scalars[..<slash].lastIndex { $0 != "/" }
            self.path = last.map { String(scalars[...$0]) } ?? "/"
        } else {
            self.path = "."
        }
        self.calls = calls
    }

    /// Creates the folder and those above it, as far as they are missing, and waits until their names are on the disk.
    package func create() throws(SystemError) {
        let parent = Folder(of: path, calls: calls)
        do throws(SystemError) {
            do throws(SystemError) {
                try calls.makeFolder(path, 0o755)
            } catch .notFound {
                // Without end otherwise, in a working folder that is gone.
                guard parent.path != path else { throw .notFound }
                try parent.create()
                try calls.makeFolder(path, 0o755)
            }
        } catch .exists {
            return
        }
        try parent.sync()
    }

    /// The names in the folder, in no order; none where there is no folder.
    func names() throws(SystemError) -> [String] {
        do throws(SystemError) {
            return try calls.list(path)
        } catch .notFound {
            return []
        }
    }

    /// Waits until the names in the folder are on the disk.
    package func sync() throws(SystemError) {
        let folder = try OpenFile(path: path, flags: O_RDONLY | O_DIRECTORY, calls: calls)
        do throws(SystemError) {
            try folder.sync()
        } catch {
            // Some network file systems cannot sync a folder and say so with this number; a disk that fails does not.
            guard error == .invalid else { throw error }
        }
    }
}
