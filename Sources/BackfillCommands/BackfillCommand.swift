public import ArgumentParser

/// The program: one job to its end.
public struct BackfillCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "milvus-backfill",
        abstract: "Loads Kafka topics and dumps of records into a Milvus collection, resumable after any interruption.",
        discussion: """
            A job is a YAML file that names a source, a collection and how records become rows.

            EXIT CODES
              0 done · 1 failed, resumable · 3 done, some records rejected · 11 another run holds the job ·
              12 the checkpoint belongs to another job · 64 usage · 65 bad job file · 75 a server stayed \
            unavailable or the time window ended, resumable · 130/143 interrupted, resumable
            """,
        version: programVersion,
        subcommands: [RunCommand.self, PlanCommand.self, StatusCommand.self, DumpCommand.self])

    public init() {}
}

let programVersion = "0.1.0"
