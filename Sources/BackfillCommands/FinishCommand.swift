import ArgumentParser
import BackfillCore
import BackfillEngine

struct FinishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finish",
        abstract: "Make the collection of a complete job ready for searches, and move the job's alias to it.",
        discussion: """
            Flushes the collection, waits until its indexes cover every row, loads it, and makes target.milvus.alias stand \
            for it in one step. Nothing is dropped. It may be interrupted and given again at any time.

            EXAMPLES
              milvus-backfill finish job.yaml
              milvus-backfill finish job.yaml --rollback
            """)

    @OptionGroup var options: JobOptions
    @OptionGroup var logging: LogOptions

    @Flag(help: "Move the alias back to the collection that it stood for before the job was finished.")
    var rollback = false

    func run() async throws {
        try await Failure.reported(json: options.json) {
            let spec = try options.spec(flags: logging.flags)
            let session = FinishSession(
                spec: spec, log: logging.logger(job: spec.name, threshold: LogThreshold(spec.run.logLevel)))
            let report = try await rollback ? session.rollback() : session.finish()
            print(options.json ? JSONText.page(report) : report.text)
            return .done
        }
    }
}
