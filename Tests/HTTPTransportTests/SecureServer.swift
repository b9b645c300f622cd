import Foundation
import Glibc

/// The `openssl` program as a server that answers each GET with a page of text.
enum SecureServer {
    /// - Parameter asksForCertificate: Whether a client needs a certificate.
    static func withServer<Value>(
        _ certificates: Certificates, asksForCertificate: Bool = false, _ body: (_ url: String) async throws -> Value
    ) async throws -> Value {
        let server = Process()
        let output = Pipe()
        server.executableURL = URL(filePath: "/usr/bin/env")
        server.arguments =
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-naccept", "100"]
            + ["-cert", certificates.server, "-key", certificates.serverKey, "-CAfile", certificates.authority]
            + (asksForCertificate ? ["-Verify", "1", "-verify_return_error"] : [])
        server.standardOutput = output
        server.standardError = FileHandle.nullDevice
        server.standardInput = Pipe()
        try server.run()
        defer {
            // It inherits the signals that are blocked on a thread which runs tasks, and so may not see another one.
            kill(server.processIdentifier, SIGKILL)
            server.waitUntilExit()
        }
        var text = ""
        while !text.contains("ACCEPT 127.0.0.1:") || !text.hasSuffix("\n") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw TestServerError(action: "openssl s_server", code: 0) }
            text += String(decoding: data, as: UTF8.self)
        }
        let port = text.split(separator: "ACCEPT 127.0.0.1:")[0...].last?.prefix { $0.isNumber } ?? ""
        return try await body("https://127.0.0.1:\(port)/")
    }
}
