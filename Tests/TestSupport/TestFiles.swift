import Foundation

/// Runs `body` with the path of a new, empty folder and removes the folder afterwards.
package func withTemporaryFolder<Value>(_ body: (String) throws -> Value) throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer {
        do {
            try FileManager.default.removeItem(at: folder)
        } catch {
            print("\(folder.path) stays: \(error)")
        }
    }
    return try body(folder.path)
}

package func withTemporaryFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer {
        do {
            try FileManager.default.removeItem(at: folder)
        } catch {
            print("\(folder.path) stays: \(error)")
        }
    }
    return try await body(folder.path)
}

package func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

package func permissions(of path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
}

package func contents(of path: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(filePath: path)))
}

package func write(_ bytes: [UInt8], to path: String) throws {
    try Data(bytes).write(to: URL(filePath: path))
}

/// What any reader of zstd finds in the file: the text that the `zstd` program makes of it.
package func zstdText(of path: String) throws -> [UInt8] {
    let zstd = Process()
    let output = Pipe()
    zstd.executableURL = URL(filePath: "/usr/bin/env")
    zstd.arguments = ["zstd", "-dcq", path]
    zstd.standardOutput = output
    try zstd.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    zstd.waitUntilExit()
    guard zstd.terminationStatus == 0 else { throw ZstdToolFailure(path: path) }
    return [UInt8](data)
}

private struct ZstdToolFailure: Error {
    var path: String
}
