public import ArgumentParser
import BackfillCore

/// The program: one job to its end.
public struct BackfillCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "milvus-backfill",
        abstract: "Loads Kafka topics and dumps of records into a Milvus collection, resumable after any interruption.",
        discussion: """
            A job is a YAML file that names a source, a collection and how records become rows.

            EXIT CODES
              0         done
              1         failed; run the same command again to go on
              3         done, some records rejected
              4         source and collection differ (verify, finish --verify)
              11        another run holds the job
              12        the checkpoint belongs to another job
              64        the command line is wrong
              65        the job file is wrong
              75        a server stayed unavailable, or the time is over; run it again
              130, 143  interrupted; run it again

            EXAMPLES
              milvus-backfill init --uri http://localhost:19530 --collection articles \\
                --dump 'dumps/*.jsonl.zst'
              milvus-backfill plan job.yaml
              milvus-backfill run job.yaml
              milvus-backfill status job.yaml

            SHELL COMPLETION
              milvus-backfill --generate-completion-script bash \\
                > ~/.local/share/bash-completion/completions/milvus-backfill
              (or zsh, or fish; see docs/operate.md)
            """,
        version: ProgramVersion.text,
        subcommands: [
            RunCommand.self, PlanCommand.self, StatusCommand.self, VerifyCommand.self, DumpCommand.self,
            FinishCommand.self, InitCommand.self,
        ])

    public init() {}

    /// Runs the program with the process' arguments, and ends the process.
    public static func start() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let unknown = UnknownCommand(arguments) {
            StandardError.complain(unknown.description)
            exit(withError: ExitCode(unknown.exitStatus.rawValue))
        }
        await main(arguments)
    }
}
