import Foundation

/// Paths of what lies beside the tests.
enum TestFolders {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()

    static let checkout = tests.deletingLastPathComponent().deletingLastPathComponent()

    /// A script of this folder.
    static func script(_ name: String) -> String { tests.appending(path: name).path }

    /// A script that starts a server or waits for one.
    static func server(_ name: String) -> String {
        tests.deletingLastPathComponent().appending(path: "servers/\(name)").path
    }
}
