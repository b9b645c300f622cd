public import ArgumentParser
public import BackfillCore
import BackfillEngine
import Checkpoints
import Foundation
import JobFiles
import Logging

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a job file for a collection that is there, to begin with.",
        usage: """
            milvus-backfill init --uri <uri> --collection <collection>
                --dump <paths> [<options>]
              milvus-backfill init --uri <uri> --collection <collection>
                --topic <topic> --bootstrap-servers <bootstrap-servers> [<options>]
            """,
        discussion: """
            The collection's fields stand in the file as comments. A token comes from the environment variable \
            MILVUS_TOKEN and is not written. A file that is there is never replaced.

            EXAMPLES
              milvus-backfill init --uri http://localhost:19530 --collection articles \\
                --dump 'dumps/*.jsonl.zst'
              milvus-backfill init --uri http://localhost:19530 --collection articles \\
                --topic articles --bootstrap-servers localhost:9092
            """)

    @Option(help: "As target.milvus.uri: http://HOST:PORT, https://HOST:PORT, or the path of a Milvus Lite.")
    var uri: String

    @Option(help: "The collection that the job fills.")
    var collection: String

    @Option(help: "The collection's database, if it is not the server's default one.")
    var database: String?

    @Option(name: .customLong("protocol"), help: "How to speak with the server.")
    var wireProtocol = MilvusTarget.WireProtocol.grpc

    @Option(help: "The topic to read.")
    var topic: String?

    @Option(help: "The topic's brokers, as HOST:PORT with commas between them.")
    var bootstrapServers: String?

    @Option(
        help: ArgumentHelp("The files to read, in place of a topic: a path or a quoted pattern.", valueName: "paths"))
    var dump: String?

    @Option(help: "The job file to write.", completion: .file(extensions: ["yaml", "yml"]))
    var output = "job.yaml"

    @Flag(help: "Print the result as JSON on standard output.")
    var json = false

    func validate() throws {
        guard (topic != nil) != (dump != nil), (topic != nil) == (bootstrapServers != nil) else {
            throw ValidationError("Give either --dump, or --topic and --bootstrap-servers.")
        }
    }

    func run() async throws {
        try await Failure.reported(json: json) {
            let environment = ProcessInfo.processInfo.environment
            let template = JobFileTemplate(
                source: source, uri: uri.contains("://") ? uri : fromJobFile(uri),
                hasToken: environment[JobFileTemplate.tokenVariable] != nil, database: database,
                collection: collection, wireProtocol: wireProtocol)
            let spec = try JobFile.read(
                template.text(file: output, schema: nil), path: output, environment: environment)
            let log = LogOptions.logger(job: spec.name, format: .text, threshold: LogThreshold(.warning))
            guard !FileManager.default.fileExists(atPath: output) else { throw CommandError.fileExists(path: output) }
            if case .embedded(let path) = spec.target.endpoint, !FileManager.default.fileExists(atPath: path) {
                throw CommandError.noEmbeddedData(path: path)
            }
            let retry = Connection.retry(log)
            let target = try await Connection.with(spec.target, log: log) { store in
                try await retry { () async throws(StoreError) in try await TargetPlan(spec.target, in: store) }
            }
            let text = template.text(file: output, schema: target.schema)
            guard try NewFile.write(Array(text.utf8), to: output.absolutePath) else {
                throw CommandError.fileExists(path: output)
            }
            print(
                json
                    ? JSONText.line(["jobFile": output])
                    : "\(output) is written; see what a run would do: milvus-backfill plan \(output)")
            return .done
        }
    }

    private var source: JobFileTemplate.Source {
        if let topic, let bootstrapServers {
            return .topic(name: topic, bootstrapServers: bootstrapServers)
        }
        return .dump(paths: fromJobFile(dump ?? ""))
    }

    /// A path of the command line as it has to stand in the job file, whose folder relative paths start from.
    private func fromJobFile(_ path: String) -> String {
        output.contains("/") ? path.absolutePath : path
    }
}

extension MilvusTarget.WireProtocol: ExpressibleByArgument {}
