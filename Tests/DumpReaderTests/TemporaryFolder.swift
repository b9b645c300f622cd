import BackfillCore
import DumpReader
import Foundation

/// A folder for the files of one test, removed with it.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "dump-reader-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path(percentEncoded: false)
    }

    deinit {
        // A folder that stays behind does not make a test wrong.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }

    func folder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: false)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: "\(path)/\(name)", withDestinationPath: "\(path)/\(target)")
    }

    func resize(_ name: String, to size: Int) throws {
        let handle = try FileHandle(forWritingTo: URL(filePath: "\(path)/\(name)"))
        defer { handle.closeFile() }
        try handle.truncate(atOffset: UInt64(size))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }

    /// Writes one file and lists it as a job does.
    func source(_ name: String, _ bytes: [UInt8]) throws -> [CheckpointDocument.SourceFile] {
        try SourceCatalog.files(matching: [write(name, bytes)])
    }
}
