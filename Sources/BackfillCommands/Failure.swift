import ArgumentParser
import BackfillCore

/// Turns an error into the one sentence and the exit code that the person gets.
enum Failure {
    static func exitStatus(of error: any Error) -> ExitStatus {
        (error as? any UserFacingError)?.exitStatus ?? .failed
    }

    static func sentence(of error: any Error) -> String {
        (error as? any UserFacingError)?.description ?? "unexpected error: \(error)"
    }

    /// Runs a command's work and ends the process as its outcome says.
    static func reported(json: Bool, _ work: () async throws -> ExitStatus) async throws {
        let status: ExitStatus
        do {
            status = try await work()
        } catch {
            status = exitStatus(of: error)
            StandardError.complain(sentence(of: error))
            if json { print(JSONText.line(["error": sentence(of: error), "exitCode": String(status.rawValue)])) }
        }
        if status != .done { throw ExitCode(status.rawValue) }
    }
}

/// What a command cannot do with a job that is right in itself.
enum CommandError: UserFacingError {
    /// `init` was asked to write in the place of a file.
    case fileExists(path: String)
    /// `init` was asked for the collection of a Milvus Lite that was never started.
    case noEmbeddedData(path: String)
    /// `dump` was asked to dump a dump.
    case notATopic(job: String)
    /// `dump` was asked to begin where a round of a job ended.
    case noRoundToResume(job: String)

    var description: String {
        switch self {
        case .fileExists(let path):
            "\(path) is there already and is left as it is; name another file with --output"
        case .noEmbeddedData(let path):
            "there is no data of a Milvus Lite at \(path), and `init` describes a collection that is there; correct --uri"
        case .notATopic(let job): "the source of \(job) is a dump already; only a Kafka source can be dumped"
        case .noRoundToResume(let job):
            "the ranges of \(job) start at `resume`, which stands for the end of the last `run`; say with --from where the "
                + "dump begins"
        }
    }

    var exitStatus: ExitStatus { .usage }
}
