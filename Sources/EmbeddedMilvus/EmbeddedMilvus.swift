import Foundation
import Subprocess
import SystemPackage

/// A Milvus Lite of the job's own: a child process that serves one folder on a loopback port.
public enum EmbeddedMilvus {
    /// From its start until it accepts connections; a folder left behind by a crash takes a while to recover.
    private static let startTimeout = 120
    /// From the request to stop until it is killed; it flushes in between.
    private static let stopTimeout = Duration.seconds(30)

    /// Interrupts the server when its own standard input ends without the word that all is well: when this process
    /// dies, however it dies, the system closes the other end. The process number comes over the same pipe, so nothing
    /// is put into the script.
    private static let watcherScript = #"read -r pid && ! read -r word && kill -INT "$pid""#

    /// Starts a server for the data in a folder and stops it when `body` has ended.
    ///
    /// - Parameters:
    ///   - path: the folder, made if missing.
    ///   - body: gets the port on 127.0.0.1.
    /// - Throws: `EmbeddedMilvusError`, and what `body` throws.
    public static func withServer<Result: Sendable>(
        path: String, _ body: @Sendable @escaping (_ port: Int) async throws -> Result
    ) async throws -> Result {
        do {
            // The rows lie in there.
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw EmbeddedMilvusError.cannotCreateFolder(path: path, reason: error.localizedDescription)
        }
        let deadline = ContinuousClock.now + .seconds(startTimeout)
        while true {
            do {
                return try await serve(path: path, body)
            } catch EmbeddedMilvusError.ended(_, let output)
                where output.contains("DataDirLocked") && ContinuousClock.now < deadline
            {
                // The server of a run that was killed a moment ago is still writing its data.
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private static func serve<Result: Sendable>(
        path: String, _ body: @Sendable @escaping (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let port = try LoopbackPort.free()
        let log = ServerLog(path: path + ".log")
        var options = PlatformOptions()
        // Out of the terminal's process group: Ctrl-C is for this program, which stops the server when it is done.
        options.createSession = true
        options.teardownSequence = [.send(signal: .interrupt, allowedDurationToNextStep: stopTimeout)]
        do {
            // More than one worker loses acknowledged rows at a restart (milvus-lite 3.2.2, measured).
            return try await Subprocess.run(
                .name("milvus-lite"),
                arguments: [
                    "server", "--data-dir", path, "--host", "127.0.0.1", "--port", String(port), "--max-workers", "1",
                ],
                platformOptions: options, input: .none,
                output: .fileDescriptor(try log.open(), closeAfterSpawningProcess: true), error: .combinedWithOutput
            ) { server in
                let child = ChildProcess(server.processIdentifier.value)
                let result = try await withWatcher(of: child) {
                    try await whileAlive(child, path: path, log: log) {
                        try await waitUntilReady(port: port, path: path)
                        return try await body(port)
                    }
                }
                try server.send(signal: .interrupt)
                try await waitForEnd(of: child)
                return result
            }.closureResult
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw EmbeddedMilvusError.notInstalled
        } catch let error as SubprocessError {
            throw EmbeddedMilvusError.cannotStart(reason: "\(error)")
        }
    }

    /// Runs `body` with a process beside it that interrupts the child when this process is gone.
    private static func withWatcher<Result: Sendable>(
        of child: ChildProcess, _ body: @Sendable @escaping () async throws -> Result
    ) async throws -> Result {
        var options = PlatformOptions()
        options.createSession = true
        return try await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", watcherScript], platformOptions: options,
            input: .inputWriter, output: .discarded, error: .discarded
        ) { watcher in
            _ = try await watcher.standardInputWriter.write("\(child.number)\n")
            let result = try await body()
            _ = try await watcher.standardInputWriter.write("done\n")
            try await watcher.standardInputWriter.finish()
            return result
        }.closureResult
    }

    /// Runs `body` and gives up when the child ends meanwhile.
    private static func whileAlive<Result: Sendable>(
        _ child: ChildProcess, path: String, log: ServerLog, _ body: @Sendable @escaping () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while !child.hasEnded { try await Task.sleep(for: .milliseconds(200)) }
                throw EmbeddedMilvusError.ended(path: path, output: log.tail)
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { preconditionFailure("The group has two tasks.") }
            return result
        }
    }

    private static func waitUntilReady(port: Int, path: String) async throws {
        let deadline = ContinuousClock.now + .seconds(startTimeout)
        while !LoopbackPort.accepts(port) {
            guard ContinuousClock.now < deadline else {
                throw EmbeddedMilvusError.tooSlow(seconds: startTimeout, path: path)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private static func waitForEnd(of child: ChildProcess) async throws {
        let deadline = ContinuousClock.now + stopTimeout
        while !child.hasEnded, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        if !child.hasEnded { child.kill() }
    }
}
