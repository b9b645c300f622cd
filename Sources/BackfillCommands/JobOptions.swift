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

    func spec() throws(JobFileError) -> JobSpec {
        try JobFile.load(path: job, overrides: overrides, environment: ProcessInfo.processInfo.environment)
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

    func logger(job: String) -> Logger {
        var logger = Logger(label: "milvus-backfill") { _ in
            StandardErrorLogHandler(format: logFormat, now: { Timestamp.now() })
        }
        logger[metadataKey: "job"] = "\(job)"
        return logger
    }
}
