import ArgumentParser
import BackfillCore
import BackfillEngine
import DumpWriter
import Logging

struct DumpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Write the messages of a job's ranges to files, from which another job can load them.",
        usage: "milvus-backfill dump [<options>] --output <folder> <job>",
        discussion: """
            The files hold lines of JSON as `kcat -J` prints them, compressed with zstd. The collection is not looked \
            at. A dump that was interrupted goes on when the same command is given again.

            EXAMPLES
              milvus-backfill dump job.yaml --output dumps/articles
              milvus-backfill dump job.yaml --output today --from -24h --to latest
            """)

    @OptionGroup var options: JobOptions
    @OptionGroup var ranges: RangeOptions
    @OptionGroup var logging: LogOptions

    @Option(
        help: ArgumentHelp("The folder for the files; it is made where it is missing.", valueName: "folder"),
        completion: .directory)
    var output: String

    func run() async throws {
        try await Failure.reported(json: options.json) {
            let spec = try options.spec(ranges: ranges.overrides, flags: logging.flags)
            guard case .kafka(let source) = spec.source else {
                throw CommandError.notATopic(job: options.job)
            }
            guard !source.isCatchUp else { throw CommandError.noRoundToResume(job: options.job) }
            let log = logging.logger(job: spec.name, threshold: LogThreshold(spec.run.logLevel))
            let stopController = StopController()
            return try await SignalTrap(stopController: stopController, log: log).run {
                try await dump(source, spec.run, stopController, log)
            }
        }
    }

    private func dump(
        _ source: KafkaSource, _ run: RunOptions, _ stopController: StopController, _ log: Logger
    ) async throws -> ExitStatus {
        let directory = try DumpDirectory(path: output.absolutePath, startedAt: Timestamp.now())
        let stored = directory.manifest
        let plan = try await SourcePlan(
            .kafka(source), stored: stored.map(StoredSource.init), now: Timestamp.milliseconds(),
            onEvent: log.kafkaEvents)
        let writer =
            stored == nil
            ? try directory.create(
                source: plan.identity, partitions: plan.units.compactMap { DumpManifest.Partition($0) })
            : try directory.resume(source: plan.identity)
        let units = writer.manifest.units
        stopController.begin()
        let dump = try DumpRun(
            source: source, writer: writer, stallTime: run.unavailableTimeout, stopController: stopController,
            log: log)
        let clock = ContinuousClock()
        let start = clock.now
        let reporter = ProgressReporter(
            statistics: { dump.statistics }, settled: \.read, log: log, format: logging.logFormat,
            total: units.reduce(0) { $0 + $1.offsets }, before: units.reduce(0) { $0 + $1.settledOffsets })
        try await reporter.report(while: dump.run)
        let report = DumpReport(
            writer.manifest, wasDone: stored?.isDone ?? false, folder: writer.folder, statistics: dump.statistics,
            seconds: start.duration(to: clock.now) / .seconds(1))
        print(options.json ? JSONText.page(report) : report.text)
        return writer.manifest.isDone ? .done : stopController.reason ?? .interrupted
    }
}
