import ArgumentParser
import BackfillCore
import Foundation
import JobFiles
import Logging

/// What every command takes.
struct JobOptions: ParsableArguments {
    @Argument(help: "The job file.", completion: .file(extensions: ["yaml", "yml"]))
    var job: String

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Replace one value of the job file, as in run.lanes=8.", valueName: "path=value"))
    var overrides: [String] = []

    @Flag(help: "Print the result as JSON on standard output.")
    var json = false

    /// - Parameter flags: what flags say in place of the job file, as `PATH=VALUE`.
    func spec(
        ranges: RangeOverrides = RangeOverrides(), flags: [String] = []
    ) throws(JobFileError) -> JobSpec {
        try JobFile.load(
            path: job, overrides: overrides + flags, ranges: ranges,
            environment: ProcessInfo.processInfo.environment)
    }
}

/// What is read of a Kafka source, in place of what the job file says.
struct RangeOptions: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Read this in place of source.kafka.ranges, as in 'articles:0-3@120000..latest'; may be repeated.",
            valueName: "topic[:partitions]@start..end"))
    var range: [String] = []

    // A relative time begins with a dash.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Begin every range here: an offset, a word or a time.", valueName: "start"))
    var from: String?

    // A relative time begins with a dash.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("End every range here; the end itself is not read.", valueName: "end"))
    var to: String?

    @Option(
        help: ArgumentHelp(
            "Offsets to begin with, as Spark takes them: {\"articles\":{\"0\":120000}}.", valueName: "json"))
    var startingOffsets: String?

    @Option(help: ArgumentHelp("Offsets to end before, as Spark takes them.", valueName: "json"))
    var endingOffsets: String?

    var overrides: RangeOverrides {
        RangeOverrides(
            ranges: range, from: from, to: to, startingOffsets: startingOffsets, endingOffsets: endingOffsets)
    }
}

/// How log lines look.
enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json
}

/// How a command logs.
struct LogOptions: ParsableArguments {
    @Option(help: "Log lines for people or, one JSON object a line, for machines.")
    var logFormat = LogFormat.text

    @Option(
        help: ArgumentHelp(
            "Log events from this level on: debug, info, warning or error.", valueName: "level"),
        completion: .list(LogLevel.allCases.map(\.rawValue)))
    var logLevel: String?

    /// What stands in place of the job file's values.
    var flags: [String] { logLevel.map { ["run.logLevel=\($0)"] } ?? [] }

    func logger(job: String, threshold: LogThreshold) -> Logger {
        Self.logger(job: job, format: logFormat, threshold: threshold)
    }

    static func logger(job: String, format: LogFormat, threshold: LogThreshold) -> Logger {
        var logger = Logger(label: "milvus-backfill") { _ in
            StandardErrorLogHandler(format: format, threshold: threshold, now: { Timestamp.now() })
        }
        logger[metadataKey: "job"] = "\(job)"
        return logger
    }
}
