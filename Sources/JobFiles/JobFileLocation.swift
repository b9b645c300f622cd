import Foundation

/// Where the job file lies: the folder that its relative paths start from, and the job's name.
struct JobFileLocation {
    /// Absolute.
    let folder: String
    /// The file's name without `.yaml` or `.yml`.
    let jobName: String

    init(path: String) {
        let parts = Self.absolute(path, from: FileManager.default.currentDirectoryPath).split(separator: "/")
        let fileName = parts.last.map(String.init) ?? ""
        let fileExtension = [".yaml", ".yml"].first(where: fileName.hasSuffix)
        folder = "/" + parts.dropLast().joined(separator: "/")
        jobName = String(fileName.dropLast(fileExtension?.count ?? 0))
    }

    func absolute(_ path: String) -> String {
        Self.absolute(path, from: folder)
    }

    private static func absolute(_ path: String, from folder: String) -> String {
        let whole = path.hasPrefix("/") ? path : folder + "/" + path
        // `..` stays: behind a symbolic link only the file system knows what it means.
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
