import Foundation
import SystemPackage

/// What a server prints, kept in a file beside its data.
struct ServerLog: Sendable {
    let path: String

    /// Empties the file and opens it for a child process to write.
    func open() throws(EmbeddedMilvusError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        } catch {
            throw .cannotStart(reason: "its log \(path) cannot be written: \(error)")
        }
    }

    /// The last lines, joined for a sentence.
    var tail: String {
        guard let data = FileManager.default.contents(atPath: path), !data.isEmpty else { return "nothing" }
        let lines = String(decoding: data.suffix(4096), as: UTF8.self).split(separator: "\n")
        return lines.suffix(3).joined(separator: " | ")
    }
}
