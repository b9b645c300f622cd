import Foundation
import Subprocess
import Testing

/// Ranges become numbers once; every later run of the job uses these.
@Suite(.serialized) struct FrozenRangeTests {
    private let topic = "frozen"

    private func writeJob(
        _ place: borrowing Workplace, bootstrap: String? = nil, collection: String,
        ranges: [String] = ["{topic: frozen, start: earliest, end: latest}"], run: String = "{}"
    ) throws {
        try place.writeTopicJob(
            ranges: ranges, bootstrap: bootstrap, uri: try TestEnvironment.lite(), collection: collection,
            record: Echo.record, run: run, target: Echo.create)
    }

    /// A job over the topic's only partition that has stopped at a bad message.
    private func stoppedMidJob(_ place: borrowing Workplace, _ topics: Topics, collection: String) async throws {
        try await topics.create(topic)
        try await topics.produce(
            (0..<20).map { Echo.message($0) } + [TopicMessage(key: "bad", value: "{}")], to: topic)
        try writeJob(place, bootstrap: topics.bootstrap, collection: collection)
        let result = try await place.backfill()
        #expect(result.exitCode == 1, "\(result.errors)")
    }

    private func expectRefusal(_ place: borrowing Workplace, _ words: String...) async throws {
        let checkpoint = try Data(contentsOf: place.folder.appending(path: "job.checkpoint.json"))
        let result = try await place.backfill()
        #expect(result.exitCode == 12, "\(result.errors)")
        for word in words { #expect(result.errors.contains(word), "\(result.errors)") }
        #expect(result.errors.contains("--restart"), "\(result.errors)")
        #expect(try Data(contentsOf: place.folder.appending(path: "job.checkpoint.json")) == checkpoint)
    }

    /// Changes what a broker that does not run has stored: noida-db gives all of its clusters the same id.
    private static func giveAnotherClusterID(_ broker: TestServer, inPlaceOf id: String) throws {
        let data = URL(filePath: broker.folder).appending(path: "kafka.json")
        let text = try String(contentsOf: data, encoding: .utf8)
        try #require(text.contains(id))
        try text.replacing(id, with: "another-cluster").write(to: data, atomically: true, encoding: .utf8)
    }

    @Test func whatComesAfterTheFirstPlanIsForALaterJob() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic, partitions: 2)
        try await topics.produce(
            (0..<600).map { Echo.message($0, partition: $0 % 2, padding: 10_000, codec: .lz4) }, to: topic)
        let kcat = Kcat(bootstrap: topics.bootstrap)
        var messages: [NSDictionary] = []
        for partition in 0..<2 { messages += try await kcat.messages(of: topic, partition: partition, in: 0..<300) }
        try writeJob(place, collection: collection, run: "{lanes: 1, batch: {rows: 1}}")
        let killed = try await place.backfill(["--rate", "50/s"], until: .kill)
        #expect(killed.exitCode == 137, "\(killed.errors)")
        let stored = try place.json("job.checkpoint.json")
        let source =
            try #require((stored["job"] as? NSDictionary)?["source"] as? NSDictionary)["kafka"] as? NSDictionary
        #expect(try await source?["cluster"] as? String == topics.cluster().id, "\(stored)")
        let extents = try #require(stored["units"] as? [NSDictionary]).map {
            ($0["extent"] as? NSDictionary)?["partition"] as? NSDictionary
        }
        try #require(extents.count == 2)
        for (number, extent) in extents.enumerated() {
            #expect(extent?["topic"] as? String == topic && extent?["number"] as? Int == number, "\(stored)")
            #expect(extent?["ranges"] as? [NSDictionary] == [["start": 0, "end": 300]], "\(stored)")
        }

        try await topics.addPartitions(to: topic, total: 3)
        try await topics.produce((600..<630).map { Echo.message($0, partition: $0 % 3) }, to: topic)
        let (code, report) = try await place.report()
        #expect(code == 0)
        let settled = stored["units"] as? [NSDictionary] ?? []
        let before = settled.reduce(0) { $0 + (($1["counts"] as? NSDictionary)?["read"] as? Int ?? 0) }
        #expect(before > 0)
        #expect(report["rowsRead"] as? Int == 600 - before)
        let differences = RowComparison.differences(
            between: try await Oracle(uri: TestEnvironment.lite()).rows(of: collection),
            and: try Echo.rows(of: messages))
        #expect(differences.isEmpty, "\(differences.prefix(10))")
    }

    @Test func otherRangesAreAnotherJob() async throws {
        let place = try Workplace()
        let collection = place.newCollection
        try await stoppedMidJob(place, try Topics.shared(), collection: collection)
        try writeJob(place, collection: collection, ranges: ["{topic: frozen, start: 3, end: latest}"])
        try await expectRefusal(place, "the ranges changed", "frozen@earliest..latest", "frozen@3..latest")
        // The other way to write the same ranges.
        try writeJob(place, collection: collection, ranges: [])
        let result = try await place.backfill("run", ["--range", "frozen@earliest..latest"])
        #expect(result.exitCode == 1, "\(result.errors)")
    }

    @Test func aTopicThatWasDeletedAndCreatedAgainIsNoticed() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await stoppedMidJob(place, topics, collection: collection)
        try await topics.create(topic)
        try await topics.produce((0..<5).map { Echo.message($0) }, to: topic)
        try await expectRefusal(place, "the log of frozen-0 ends at offset 5, below 21", "deleted and created again")
    }

    @Test func anotherClusterIsAnotherJob() async throws {
        let place = try Workplace()
        let collection = place.newCollection
        let broker = TestServer.kafka(folder: place.path("broker"), port: 29092)
        try await broker.run {
            try await stoppedMidJob(place, Topics(bootstrap: broker.address), collection: collection)
        }
        let topics = Topics(bootstrap: broker.address)
        let id = try await broker.run { try await topics.cluster().id }
        try Self.giveAnotherClusterID(broker, inPlaceOf: id)
        try await broker.run {
            #expect(try await topics.cluster().id == "another-cluster")
            try await expectRefusal(place, "the cluster is another-cluster instead of \(id)")
        }
    }

    @Test func aTopicThatIsGoneIsNamed() async throws {
        let place = try Workplace()
        let topics = try Topics.shared()
        try await stoppedMidJob(place, topics, collection: place.newCollection)
        try await topics.delete(topic)
        try await expectRefusal(place, "the topic `frozen` does not exist any more")
    }

    @Test func anotherClusterIsAnotherJobThoughItHasNoSuchTopic() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await stoppedMidJob(place, topics, collection: collection)
        let broker = TestServer.kafka(folder: place.path("broker"), port: 29092)
        try await broker.run {}
        try Self.giveAnotherClusterID(broker, inPlaceOf: try await topics.cluster().id)
        try writeJob(place, bootstrap: broker.address, collection: collection)
        try await broker.run {
            try await expectRefusal(place, "the cluster is another-cluster instead of")
            let compared = try await place.backfill("verify")
            #expect(compared.exitCode == 12, "\(compared.errors)")
            #expect(compared.errors.contains("the cluster is another-cluster instead of"), "\(compared.errors)")
        }
    }

    @Test func aFinishedJobNeedsNoBroker() async throws {
        let place = try Workplace()
        let (topics, collection) = (try Topics.shared(), place.newCollection)
        try await topics.create(topic)
        try await topics.produce((0..<20).map { Echo.message($0) }, to: topic)
        try writeJob(place, collection: collection)
        #expect(try await place.backfill().exitCode == 0)
        try writeJob(place, bootstrap: "127.0.0.1:9", collection: collection)
        let (code, report) = try await place.report()
        #expect(code == 0)
        #expect(report["outcome"] as? String == "alreadyDone")
        #expect(report["rowsRead"] as? Int == 0)
        try writeJob(
            place, bootstrap: "127.0.0.1:9", collection: collection, ranges: ["{topic: frozen, start: 3, end: 9}"])
        try await expectRefusal(place, "the ranges changed")
    }
}
