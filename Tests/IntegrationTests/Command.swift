import Foundation
import Subprocess
import SystemPackage
import Testing

/// What a process printed and how it ended.
struct CommandResult {
    var exitCode: Int32
    var output: String
    var errors: String
}

/// Processes that tests start.
enum Command {
    /// Runs a program to its end.
    static func run(
        _ executable: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) async throws -> CommandResult {
        let result = try await Subprocess.run(
            .path(FilePath(executable)), arguments: Arguments(arguments),
            environment: .inherit.updating(
                Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })),
            input: .string(input), output: .string(limit: 256 << 20), error: .string(limit: 16 << 20))
        return CommandResult(
            exitCode: code(of: result.terminationStatus), output: result.standardOutput, errors: result.standardError)
    }

    /// Runs a program that has to succeed.
    ///
    /// - Returns: what it printed.
    static func output(
        of executable: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) async throws -> String {
        let result = try await run(executable, arguments, input: input, environment: environment)
        try #require(result.exitCode == 0, "\(executable) \(arguments): \(result.errors)")
        return result.output
    }

    /// Starts a program, sends it a signal after a while, and waits for its end.
    static func run(
        _ executable: String, _ arguments: [String], signals: [(Subprocess.Signal, after: Duration)]
    ) async throws -> CommandResult {
        try await run(executable, arguments) { program in
            for (signal, delay) in signals {
                try await Task.sleep(for: delay)
                guard program.send(signal) else { return }
            }
        }
    }

    /// Starts a program, does something while it runs, and waits for its end.
    static func run(
        _ executable: String, _ arguments: [String], while body: (RunningProgram) async throws -> Void
    ) async throws -> CommandResult {
        let errors = FileManager.default.temporaryDirectory.appending(path: "stderr-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: errors) }
        let result = try await Subprocess.run(
            .path(FilePath(executable)), arguments: Arguments(arguments), input: .none, output: .discarded,
            error: .fileDescriptor(
                try FileDescriptor.open(
                    FilePath(errors.path), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite),
                closeAfterSpawningProcess: true)
        ) { process in
            try await body(RunningProgram(process: process, errorFile: errors))
        }
        return CommandResult(
            exitCode: code(of: result.terminationStatus), output: "",
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }

    /// The exit code, or as shells have it 128 and the number of the signal that ended the process.
    private static func code(of status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }
}
