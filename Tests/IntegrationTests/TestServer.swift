import Subprocess
import SystemPackage

/// A server of a test's own, which it can stop and start again.
struct TestServer {
    let script: String
    /// Where its data stays when it ends.
    let folder: String
    let port: Int
    /// What makes it write its data and end.
    let end: Subprocess.Signal

    static func milvusLite(folder: String, port: Int) -> TestServer {
        TestServer(script: "milvus-lite.sh", folder: folder, port: port, end: .interrupt)
    }

    static func kafka(folder: String, port: Int) -> TestServer {
        TestServer(script: "kafka.sh", folder: folder, port: port, end: .terminate)
    }

    var address: String { "127.0.0.1:\(port)" }

    /// Runs the server for as long as `body` takes.
    func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await Subprocess.run(
            .path("/usr/bin/env"), arguments: [TestFolders.server(script), folder, "\(port)"], input: .none,
            output: .discarded, error: .discarded
        ) { process in
            _ = try await Command.output(
                of: TestFolders.server("wait-for-port.sh"),
                ["--pid", "\(process.processIdentifier.value)", "\(port)", "60"])
            let result = try await body()
            try process.send(signal: end)
            return result
        }.closureResult
    }
}
