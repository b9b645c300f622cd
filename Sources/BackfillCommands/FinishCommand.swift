import ArgumentParser
import BackfillCore
import BackfillEngine

struct FinishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finish",
        abstract: "Make the collection of a complete job ready for searches, and move the job's alias to it.",
        usage: "milvus-backfill finish [<options>] <job>",
        discussion: """
            Flushes the collection, waits until its indexes cover every row, loads it, and makes target.milvus.alias stand \
            for it in one step. Nothing is dropped. It may be interrupted and given again at any time.

            EXAMPLES
              milvus-backfill finish job.yaml
              milvus-backfill finish job.yaml --verify
              milvus-backfill finish job.yaml --rollback
            """)

    @OptionGroup var options: JobOptions
    @OptionGroup var logging: LogOptions

    @Flag(help: "Move the alias back to the collection that it stood for before the job was finished.")
    var rollback = false

    @Flag(
        help:
            "Before the alias is moved, compare a sample of the keys as `verify` does; where they differ, it is not moved."
    )
    var verify = false

    @Flag(help: "Compare all keys before the alias is moved.")
    var verifyFull = false

    func validate() throws {
        guard !rollback || !(verify || verifyFull) else {
            throw ValidationError("--rollback moves the alias back to what it stood for, and compares nothing")
        }
    }

    private var scope: VerifyRun.Scope? {
        verifyFull ? .all : verify ? .sample(seed: UInt64.random(in: 0..<1 << 32)) : nil
    }

    func run() async throws {
        try await Failure.reported(json: options.json) {
            let spec = try options.spec(flags: logging.flags)
            let session = FinishSession(
                spec: spec, scope: scope,
                log: logging.logger(job: spec.name, threshold: LogThreshold(spec.run.logLevel)),
                logFormat: logging.logFormat)
            guard let report = try await rollback ? session.rollback() : session.finish() else {
                return session.stopController.reason ?? .interrupted
            }
            print(options.json ? JSONText.page(report) : report.text)
            return switch report.outcome {
            case .finished, .rolledBack: .done
            case .different: .differences
            case .undecided: .failed
            }
        }
    }
}
