import Foundation
import Subprocess
import Testing

/// What Prometheus is told of runs, as a file and through a real Pushgateway.
@Suite(.serialized) struct MetricsReportTests {
    private let collection = "metrics"
    private let port = 28_191

    private func prepared(_ place: borrowing Workplace) async throws -> Oracle {
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create(collection, People.schema)
        try place.writeDump(People.records(0..<20), to: "dump.jsonl.zst")
        return oracle
    }

    /// The samples of a text that is whole: name and labels to value.
    private func samples(_ text: String) throws -> [String: Double] {
        try #require(text.hasSuffix("\n"))
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        return try lines.reduce(into: [:]) { samples, line in
            let end = try #require(line.lastIndex(of: " "), "\(line)")
            let value: Double = try #require(Double(line[end...].dropFirst()), "\(line)")
            samples[String(line[..<end])] = value
        }
    }

    private func file(_ place: borrowing Workplace) throws -> [String: Double] {
        try samples(String(contentsOf: place.folder.appending(path: "job.prom"), encoding: .utf8))
    }

    private func pushed() async throws -> [String: Double] {
        try samples(
            try await Command.output(
                of: "/usr/bin/env", ["curl", "-sS", "--noproxy", "*", "http://127.0.0.1:\(port)/metrics"]))
    }

    private func name(_ metric: String, _ labels: String = "") -> String {
        "milvus_backfill_\(metric){job_name=\"job\"\(labels)}"
    }

    @Test func theFileTellsOfARunOfATopic() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        let topics = try Topics.shared()
        try await topics.create(collection, partitions: 2)
        try await topics.produce(
            (0..<10).map { TopicMessage(partition: $0 % 2, key: "\($0)", value: People.record($0)) }, to: collection)
        try place.writeTopicJob(
            ranges: ["{topic: \(collection), start: earliest, end: latest}"], uri: oracle.uri, collection: collection,
            run: "{metrics: {file: job.prom}}")
        let before = Date.now.timeIntervalSince1970
        #expect(try await place.backfill().exitCode == 0)
        let samples = try file(place)
        #expect(samples[name("records_read_total")] == 10)
        #expect(samples[name("records_settled_total", ",result=\"upserted\"")] == 10)
        #expect(samples[name("progress_ratio")] == 1)
        #expect(samples[name("run_active")] == 0)
        #expect(samples[name("last_exit_code")] == 0)
        for partition in 0..<2 {
            let labels = ",topic=\"\(collection)\",partition=\"\(partition)\""
            #expect(samples[name("partition_position", labels)] == 5, "\(samples)")
            #expect(samples[name("partition_end", labels)] == 5)
        }
        let success = try #require(samples[name("last_success_timestamp_seconds")])
        #expect(success >= before.rounded(.down) && success <= Date.now.timeIntervalSince1970)
        #expect(samples[name("last_completion_timestamp_seconds")] == success)
        let mode = try FileManager.default.attributesOfItem(atPath: place.path("job.prom"))[.posixPermissions] as? Int
        #expect(mode == 0o644)

        // A run with nothing to do is a success too.
        #expect(try await place.backfill().exitCode == 0)
        let again = try file(place)
        #expect(try #require(again[name("last_success_timestamp_seconds")]) > success)
        #expect(again[name("records_read_total")] == 0 && again[name("progress_ratio")] == 1)
    }

    @Test func aRunThatFailsBeforeItsFirstReadKeepsTheLastSuccess() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection, run: "{metrics: {file: job.prom}}")
        #expect(try await place.backfill().exitCode == 0)
        let success = try #require(try file(place)[name("last_success_timestamp_seconds")])
        try place.writeDump(People.records(0..<21), to: "dump.jsonl.zst")
        #expect(try await place.backfill().exitCode == 12)
        let samples = try file(place)
        #expect(samples[name("last_exit_code")] == 12)
        #expect(samples[name("last_success_timestamp_seconds")] == success)
        #expect(try #require(samples[name("last_completion_timestamp_seconds")]) > success)
        #expect(samples[name("run_active")] == 0)
    }

    @Test func theFileIsWholeAtAnyMomentAndOnlyTheRunThatHoldsTheJobWritesIt() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        try place.writeDump(People.padded(0..<8000), to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection, record: People.dropPadding,
            run: "{metrics: {file: job.prom}, rate: 250/s, batch: {rows: 10}}")
        let result = try await Command.run(TestEnvironment.binary(), ["run", place.path("job.yaml")]) { program in
            try await place.waitUntilUnderWay(program)
            #expect(try file(place)[name("run_active")] == 1)
            #expect(try await place.backfill().exitCode == 11)
            let samples = try file(place)
            #expect(samples[name("run_active")] == 1 && samples[name("last_exit_code")] == nil)
            program.send(.terminate)
            // From here on until the run has written how it ended, each look must find a whole file.
            for _ in 0..<5_000 where try file(place)[name("last_exit_code")] == nil {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        #expect(result.exitCode == 143, "\(result.errors)")
        let samples = try file(place)
        #expect(samples[name("last_exit_code")] == 143 && samples[name("run_active")] == 0)
        #expect(samples[name("last_success_timestamp_seconds")] == nil)
        #expect(try #require(samples[name("progress_ratio")]) < 1)
    }

    @Test func aFileOfSomethingElseIsLeftAlone() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        try place.write("node_load1 3\n", to: "job.prom")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection, run: "{metrics: {file: job.prom}}")
        let result = try await place.backfill()
        #expect(result.exitCode == 0)
        #expect(result.errors.contains("metrics.failed"), "\(result.errors)")
        #expect(try String(contentsOf: place.folder.appending(path: "job.prom"), encoding: .utf8) == "node_load1 3\n")
    }

    @Test func aPushgatewayKeepsTheLastSuccessOfARunThatFails() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection,
            run: "{metrics: {pushgateway: \"http://127.0.0.1:\(port)/\"}}")
        try await TestServer.pushgateway(port: port).run {
            let result = try await place.backfill()
            #expect(result.exitCode == 0 && !result.errors.contains("metrics.failed"), "\(result.errors)")
            func name(_ metric: String, _ group: String = "job") -> String {
                "milvus_backfill_\(metric){instance=\"\",job=\"\(group)\",job_name=\"\(group)\"}"
            }
            let first = try await pushed()
            let success = try #require(first[name("last_success_timestamp_seconds")], "\(first)")
            #expect(first[name("last_exit_code")] == 0 && first[name("records_read_total")] == 20)

            // Nothing on this machine knows of the success any more.
            try place.writeDump(People.records(0..<21), to: "dump.jsonl.zst")
            #expect(try await place.backfill().exitCode == 12)
            let second = try await pushed()
            #expect(second[name("last_exit_code")] == 12)
            #expect(second[name("last_success_timestamp_seconds")] == success)

            try FileManager.default.moveItem(atPath: place.path("job.yaml"), toPath: place.path("größe 1.yaml"))
            let named = try await Command.run(TestEnvironment.binary(), ["run", place.path("größe 1.yaml")])
            #expect(named.exitCode == 0, "\(named.errors)")
            #expect(try await pushed()[name("last_exit_code", "größe 1")] == 0)
        }
    }

    @Test func aPushgatewayThatIsNotThereIsAWarningWithoutItsPassword() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place)
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: collection,
            run: "{metrics: {pushgateway: \"http://me:push-s3cret@127.0.0.1:9\", file: job.prom}}")
        let result = try await place.backfill("run", ["--log-level", "debug", "--json"])
        #expect(result.exitCode == 0)
        #expect(result.errors.contains("metrics.failed"), "\(result.errors)")
        for file in try FileManager.default.contentsOfDirectory(atPath: place.folder.path) where file != "job.yaml" {
            let bytes = try Data(contentsOf: place.folder.appending(path: file))
            #expect(!String(decoding: bytes, as: UTF8.self).contains("s3cret"), "\(file)")
        }
        #expect(!(result.errors + result.output).contains("s3cret"))
    }
}
