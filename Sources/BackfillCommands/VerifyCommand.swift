import ArgumentParser
import BackfillCore
import BackfillEngine
import Logging

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare what a job has read with what is in its collection.",
        usage: "milvus-backfill verify [<options>] <job>",
        discussion: """
            Keys are missing, or their rows are stale, or the collection has keys that no record of the source leaves \
            there. Where there are differences, a file is written that a job with the same record and target sections \
            loads to mend them. Without --full a sample of the keys is compared.

            EXAMPLES
              milvus-backfill verify job.yaml
              milvus-backfill verify job.yaml --full --json
            """)

    @OptionGroup var options: JobOptions
    @OptionGroup var ranges: RangeOptions
    @OptionGroup var logging: LogOptions

    @Flag(help: "Compare all keys.")
    var full = false

    @Option(help: ArgumentHelp("Draw the keys that were drawn with this number before.", valueName: "number"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Where the messages go that mend the differences; <job>.differences.jsonl.zst beside the checkpoint without "
                + "it. An older file is replaced.", valueName: "file"))
    var output: String?

    func validate() throws {
        guard seed == nil || !full else { throw ValidationError("--seed draws a sample, and --full compares all keys") }
    }

    func run() async throws {
        try await Failure.reported(json: options.json) {
            let spec = try options.spec(ranges: ranges.overrides, flags: logging.flags)
            let session = VerifySession(
                spec: spec, scope: full ? .all : .sample(seed: seed ?? UInt64.random(in: 0..<1 << 32)),
                output: output?.absolutePath ?? spec.differencesPath,
                log: logging.logger(job: spec.name, threshold: LogThreshold(spec.run.logLevel)),
                logFormat: logging.logFormat)
            guard let report = try await session.verify() else {
                return session.stopController.reason ?? .interrupted
            }
            print(options.json ? JSONText.page(report) : report.text)
            return report.differ ? .differences : report.isUndecided ? .failed : .done
        }
    }
}

extension JobSpec {
    /// Beside the checkpoint.
    var differencesPath: String {
        let folder = run.checkpoint.lastIndex(of: "/").map { String(run.checkpoint[...$0]) } ?? ""
        return "\(folder)\(name).differences.jsonl.zst"
    }
}
