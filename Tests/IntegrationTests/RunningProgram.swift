import Foundation
import Subprocess

/// A program that a test has started, as long as the test does something beside it.
struct RunningProgram {
    /// What a test waited for in vain.
    private struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// After so long a test gives up on a program that hangs. Nothing is measured by it.
    private static let patience = Duration.seconds(300)

    let process: Execution<NoInput, DiscardedOutput, FileDescriptorOutput>
    /// The file to which its standard error goes.
    let errorFile: URL

    /// - Returns: whether it was still there. One that has ended already is for the caller to see from its exit code.
    @discardableResult
    func send(_ signal: Subprocess.Signal) -> Bool {
        (try? process.send(signal: signal)) != nil
    }

    /// Waits until its standard error contains some words, such as the name of an event.
    func waitUntilItSays(_ words: String) async throws {
        try await wait(for: "the words \(words)") { try errors().contains(words) }
    }

    /// Waits for something that the program brings about. One that ends without it fails the test.
    func wait(for what: String, until isThere: () throws -> Bool) async throws {
        let clock = ContinuousClock()
        let end = clock.now + Self.patience
        while true {
            // Looked at first, because what is there may be the last that the program has done.
            let isOver = hasEnded
            if try isThere() { return }
            guard !isOver, clock.now < end else {
                let state = isOver ? "has ended" : "goes on and on"
                throw Missing(description: "the program \(state) without \(what): \(try errors())")
            }
            try await clock.sleep(for: .milliseconds(10))
        }
    }

    private func errors() throws -> String {
        String(decoding: try Data(contentsOf: errorFile), as: UTF8.self)
    }

    private var hasEnded: Bool {
        var state = unsafe siginfo_t()
        // It stays a zombie while the test does something beside it.
        let result = unsafe waitid(P_PID, id_t(process.processIdentifier.value), &state, WEXITED | WNOHANG | WNOWAIT)
        return unsafe result != 0 || state.si_signo != 0
    }
}
