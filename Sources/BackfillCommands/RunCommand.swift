import ArgumentParser
import BackfillCore
import BackfillEngine
import Checkpoints
import Foundation
import Logging
import UnixSignals

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a job to its end, from the beginning or from where the last run stopped.",
        usage: "milvus-backfill run [<options>] <job>",
        discussion: """
            EXAMPLES
              milvus-backfill run job.yaml
              milvus-backfill run job.yaml --set run.lanes=8 --report-json report.json
              milvus-backfill run job.yaml --range 'articles:0@120000..480000'
              milvus-backfill run job.yaml --rate 5000/s --until 06:00
              milvus-backfill run job.yaml --wait 10m
              milvus-backfill run job.yaml --dry-run
            """)

    @OptionGroup var options: JobOptions
    @OptionGroup var ranges: RangeOptions
    @OptionGroup var logging: LogOptions

    @Flag(help: "Forget the checkpoint and begin anew; the old one is kept as FILE.previous.")
    var restart = false

    @Flag(help: "Read and decode everything, and write nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp("Write what the run did to a file, as JSON.", valueName: "file"), completion: .file())
    var reportJson: String?

    @Option(
        help: ArgumentHelp(
            "Send no more rows than this, as in 5000/s. SIGHUP reads the job file's run.rate and run.logLevel anew.",
            valueName: "rows/s"))
    var rate: String?

    @Option(
        help: ArgumentHelp(
            "Stop before this time of day, as in 06:00, or before this date and time; the next run goes on.",
            valueName: "time"))
    var until: UntilTime?

    @Option(
        help: ArgumentHelp(
            "Wait so long for another run of the job to end, as in 10m; without it, end with 11 at once.",
            valueName: "time"))
    var wait: WaitTime?

    func run() async throws {
        try await Failure.reported(json: options.json) {
            let spec = try options.spec(
                ranges: ranges.overrides, flags: logging.flags + (rate.map { ["run.rate=\($0)"] } ?? []))
            let threshold = LogThreshold(spec.run.logLevel)
            let session = RunSession(
                spec: spec, isDryRun: dryRun, restarts: restart, patience: wait?.duration ?? .zero,
                log: logging.logger(job: spec.name, threshold: threshold), logFormat: logging.logFormat,
                threshold: threshold,
                window: TimeWindow(duration: spec.run.maxDuration, until: until?.date(after: Date.now)),
                // What was typed when the run began must not hide what the file says now.
                reread: { try options.spec(ranges: ranges.overrides).run })
            let (report, error) = try await session.run()
            if let reportJson {
                try AtomicFile(path: reportJson.absolutePath).replace(with: Array(JSONText.page(report).utf8))
            }
            if let error { StandardError.complain(Failure.sentence(of: error)) }
            print(options.json ? JSONText.page(report) : report.summary(in: .standardOutput))
            return report.exitStatus(error: error, stop: session.stopController.reason)
        }
    }
}

extension RunReport {
    func exitStatus(error: (any Error)?, stop: ExitStatus?) -> ExitStatus {
        if let error { return Failure.exitStatus(of: error) }
        switch outcome {
        case .nothingNew: return .done
        case .done, .alreadyDone, .dryRun: return rejectedInAll > 0 ? .doneWithRejects : .done
        case .doneWithRejects: return .doneWithRejects
        case .interrupted: return stop ?? .interrupted
        case .failed: return .failed
        }
    }
}

extension String {
    /// Against the working directory.
    var absolutePath: String { URL(filePath: self).standardizedFileURL.path(percentEncoded: false) }
}
