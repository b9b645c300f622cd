import Foundation
import Testing

/// `verify` finds every difference that is planted in a collection and none else, and the file that it writes mends them.
@Suite(.serialized) struct VerifyTests {
    private static let schema = """
        {"dynamic": true, "fields": [{"name": "id", "type": "INT64", "is_primary": true},
        {"name": "name", "type": "VARCHAR", "max_length": 40}, {"name": "extra", "type": "JSON"},
        {"name": "embedding", "type": "FLOAT_VECTOR", "dim": 4}]}
        """

    /// - Parameter change: what takes the place of a text in the record.
    private static func record(_ id: Int, _ text: String = "", _ change: String = "") -> String {
        let record =
            #"{"id":\#(id),"name":"name \#(id)","extra":{"b":[1,\#(id)],"a":"x"},"embedding":[\#(id),0.1,-1,0.5],"other":\#(id)}"#
        return text.isEmpty ? record : record.replacingOccurrences(of: text, with: change)
    }

    /// Rows with one other bit of a vector, another text, another member of a document and of the dynamic field; two rows
    /// that are gone, and two that nobody has written.
    private static func plantDifferences(_ oracle: Oracle, _ collection: String) async throws {
        let stale = [
            record(7, "0.1", "\(Double(Float(bitPattern: Float(0.1).bitPattern ^ 1)))"), record(8, "name 8", "name 9"),
            record(9, #""a":"x""#, #""a":"y""#), record(10, #""other":10"#, #""other":11"#),
        ]
        try await oracle.upsert("[\((stale + [record(9001), record(9002)]).joined(separator: ","))]", into: collection)
        try await oracle.delete("[20, 21]", from: collection)
    }

    private static func counts(_ found: NSDictionary) -> [Int?] {
        ["keysChecked", "missing", "stale", "unexpected"].map { found[$0] as? Int }
    }

    @Test(arguments: [MilvusTarget.liteOverGRPC, .liteOverREST])
    func plantedDifferencesAreFoundAndMended(target: MilvusTarget) async throws {
        let place = try Workplace()
        let oracle = try target.oracle()
        try await oracle.create("verified", Self.schema)
        // A later record of a key replaces an earlier one, and white space and order of a document do not count.
        let records =
            (0..<300).map { Self.record($0, "name \($0)", "old") } + (0..<400).map { Self.record($0) }
            + [Self.record(5, #"{"b":[1,5],"a":"x"}"#, #"{ "a" : "x", "b" : [ 1.0, 5 ] }"#)]
        try place.writeDump(records, to: "dump.jsonl.zst", linesPerFrame: 100)
        try place.writeJob(paths: ["dump.jsonl.zst"], uri: target.uri(), collection: "verified", target: target.keys)
        #expect(try await place.backfill().exitCode == 0)
        let before = try await oracle.rows(of: "verified")
        for scope in [[], ["--full"]] {
            let (code, found) = try await place.verify(scope)
            #expect(code == 0 && Self.counts(found) == [400, 0, 0, 0], "\(found)")
        }

        try await Self.plantDifferences(oracle, "verified")
        for scope in [["--full"], []] {
            let (code, found) = try await place.verify(scope)
            #expect(code == 4 && Self.counts(found) == [402, 2, 4, 2], "\(found)")
            let examples = try #require(found["examples"] as? [[String: String]])
            let places = examples.reduce(into: [:]) { $0[$1["key"] ?? ""] = $1["place"] ?? "nowhere" }
            #expect(Set(places.keys) == ["7", "8", "9", "10", "20", "21", "9001", "9002"])
            #expect(places["7"]?.hasSuffix("dump.jsonl.zst:308") == true && places["9001"] == "nowhere", "\(places)")
            #expect((found["mending"] as? NSDictionary)?["messages"] as? Int == 8)
        }

        try place.write(
            """
            source: {dump: {paths: [job.differences.jsonl.zst]}}
            target: {milvus: {uri: "\(target.uri())", collection: verified\(target.keys)}}
            """, to: "mend.yaml")
        let mended = try await Command.run(TestEnvironment.binary(), ["run", place.path("mend.yaml")])
        #expect(mended.exitCode == 0, "\(mended.errors)")
        #expect(try await oracle.rows(of: "verified") == before)
        #expect(try await place.verify(["--full"]).code == 0)
    }

    /// Partitions, tombstones, a record that makes no row, values that come from the message itself, and keys of text.
    @Test func aTopicIsComparedAndMended() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.full())
        let (topic, collection) = ("verify-\(UUID().uuidString)", place.newCollection)
        let topics = try Topics.shared()
        try await topics.create(topic, partitions: 3)
        var messages = (0..<300).map { Self.message($0 % 100, round: $0 / 100) }
        messages += (0..<10).map { TopicMessage(partition: $0 % 3, key: #"{"id":"key \#($0)"}"#, value: nil) }
        messages.append(TopicMessage(partition: 0, key: #"{"id":"key 30"}"#, value: "no JSON"))
        try await topics.produce(messages, to: topic)
        let record = """
            {key: {format: json, path: id}, fields: {place: $offset, part: $partition, origin: $header.origin},
            onReject: {policy: file}}
            """
        let create = """
            , create: {fields: [{name: id, type: VarChar, maxLength: 64, primaryKey: true}, {name: place, type: Int64},
            {name: part, type: Int64}, {name: origin, type: VarChar, maxLength: 64},
            {name: embedding, type: FloatVector, dim: 2}], indexes: [{field: embedding, type: FLAT, metric: L2}]}
            """
        try place.writeTopicJob(
            ranges: ["{topic: \(topic), start: earliest, end: latest}"], uri: try TestEnvironment.full(),
            collection: collection, record: record, target: create)
        #expect(try await place.backfill().exitCode == 3)
        let before = try await oracle.rows(of: collection)
        #expect(before.count == 90)
        for scope in [[], ["--full"]] {
            let (code, found) = try await place.verify(scope)
            #expect(code == 0 && Self.counts(found) == [100, 0, 0, 0], "\(found)")
            #expect(found["rejectedRecords"] as? Int == 1)
        }

        // A key whose last record is a tombstone, one of no record, a row that is gone and one of another message.
        let rows = ["key 3", "nobody's", "key 50"].map {
            #"{"id":"\#($0)","place":1,"part":2,"origin":"elsewhere","embedding":[1,2]}"#
        }
        try await oracle.upsert("[\(rows.joined(separator: ","))]", into: collection)
        try await oracle.delete(#"["key 60"]"#, from: collection)
        let (code, found) = try await place.verify(["--full", "--output", place.path("mend.jsonl.zst")])
        #expect(code == 4 && Self.counts(found) == [101, 1, 1, 2], "\(found)")

        try place.write(
            """
            source: {dump: {paths: [mend.jsonl.zst]}}
            record: \(record)
            target: {milvus: {uri: "\(TestEnvironment.full())", collection: \(collection)}}
            """, to: "mend.yaml")
        let mended = try await Command.run(TestEnvironment.binary(), ["run", place.path("mend.yaml")])
        #expect(mended.exitCode == 0, "\(mended.errors)")
        #expect(try await oracle.rows(of: collection) == before)
        #expect(try await place.verify().code == 0)
        try await oracle.drop(collection)
    }

    private static func message(_ number: Int, round: Int) -> TopicMessage {
        TopicMessage(
            partition: number % 3, key: #"{"id":"key \#(number)"}"#,
            value: #"{"id":"key \#(number)","embedding":[\#(number).5,\#(round)]}"#,
            headers: [["origin", "origin \(number)"]])
    }

    @Test func aSampleSaysWhatItsBoundIsAndIsDrawnAgainByItsSeed() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("sampled", People.schema)
        try place.writeDump(People.records(0..<15_000), to: "dump.jsonl.zst")
        try place.writeJob(paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: "sampled")
        #expect(try await place.backfill().exitCode == 0)
        let (code, found) = try await place.verify(["--seed", "7"])
        let sample = try #require(found["sample"] as? NSDictionary)
        let drawn = try #require(sample["sourceKeys"] as? Int)
        #expect(code == 0 && (3000...6000).contains(drawn) && sample["collectionKeys"] as? Int == drawn, "\(found)")
        let share = try #require(sample["differingShare"] as? Double)
        #expect(share <= 0.001 && abs(share - (1 - pow(0.05, 1 / Double(drawn)))) < 1e-9)
        #expect(try await place.verify(["--seed", "7"]).found["sample"] as? NSDictionary == sample)
        let text = try await place.backfill("verify", ["--seed", "7"])
        #expect(text.output.contains("95 % confidence") && text.output.contains("--seed 7"), "\(text.output)")

        // One row in ten is another one, and there are 5,000 more.
        try place.writeDump(
            (0..<1500).map { People.record($0 * 10, name: "other") } + People.records(15_000..<20_000),
            to: "other.jsonl.zst")
        try place.write(
            """
            source: {dump: {paths: [other.jsonl.zst]}}
            target: {milvus: {uri: "\(oracle.uri)", collection: sampled}}
            """, to: "other.yaml")
        #expect(try await Command.run(TestEnvironment.binary(), ["run", place.path("other.yaml")]).exitCode == 0)
        let (differs, other) = try await place.verify(["--seed", "8"])
        #expect(differs == 4)
        let after = try #require(other["sample"] as? NSDictionary)
        let (stale, unexpected) = (try #require(other["stale"] as? Int), try #require(other["unexpected"] as? Int))
        let keys = try #require(after["sourceKeys"] as? Int)
        #expect((keys / 20...keys / 5).contains(stale), "\(other)")
        let differing = try #require(after["differingShare"] as? Double)
        #expect(Double(stale) / Double(keys) < differing && differing < 0.15)
        let share2 = try #require(after["unexpectedShare"] as? Double)
        #expect(unexpected > 500 && share2 > 0.2 && share2 < 0.32, "\(other)")
        #expect(try await place.verify(["--full"]).found["unexpected"] as? Int == 5000)
    }

    /// All rounds of a catch-up count, and what retention has taken since is not held against the collection.
    @Test func allRoundsOfACatchUpAreComparedAsFarAsTheTopicHoldsThem() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("rounds", People.schema)
        let topic = "verify-\(UUID().uuidString)"
        let topics = try Topics.shared()
        try await topics.create(topic)
        try place.writeTopicJob(
            ranges: ["{topic: \(topic), start: resume, end: latest}"], uri: oracle.uri, collection: "rounds")
        for keys in [0..<20, 10..<30] {
            try await topics.produce(
                keys.map { TopicMessage(key: "\($0)", value: People.record($0, name: "\(keys)")) }, to: topic)
            #expect(try await place.backfill().exitCode == 0)
        }
        let (code, found) = try await place.verify()
        #expect(code == 0 && Self.counts(found) == [30, 0, 0, 0], "\(found)")

        try await topics.deleteRecords(of: topic, before: 15)
        try await oracle.delete("[25]", from: "rounds")
        let (differs, shorter) = try await place.verify(["--full"])
        // Keys 10 to 29 have messages still; 0 to 9 have none.
        #expect(differs == 4 && Self.counts(shorter) == [20, 1, 0, 0], "\(shorter)")
        #expect(shorter["offsetsLost"] as? Int == 15 && shorter["undecided"] as? Int == 10, "\(shorter)")
    }

    /// A key whose record was compacted away has a later one, which the job has not read: its row is none that should go.
    @Test func whatWasCompactedAwaySinceIsUndecided() async throws {
        let place = try Workplace()
        let (topics, oracle) = (try Topics.shared(), Oracle(uri: try TestEnvironment.lite()))
        let topic = "verify-\(UUID().uuidString)"
        func message(_ id: Int) -> TopicMessage { TopicMessage(key: "\(id)", value: People.record(id)) }
        try await topics.create(topic)
        try await topics.produce((0..<5).map(message), to: topic)
        try place.writeTopicJob(
            ranges: ["{topic: \(topic), start: 0, end: latest}"], uri: oracle.uri, collection: place.newCollection,
            target: People.create)
        #expect(try await place.backfill().exitCode == 0)
        let left = try await topics.compact(topic, segments: [[message(2)], [message(9)]])
        try #require(left == [0, 1, 3, 4, 5, 6])

        for scope in [[], ["--full"]] {
            let (code, found) = try await place.verify(scope)
            #expect(code == 0 && Self.counts(found) == [4, 0, 0, 0], "\(found)")
            #expect(found["undecided"] as? Int == 1 && found["offsetsCompacted"] as? Int == 1, "\(found)")
        }
        try await oracle.drop(place.newCollection)
    }

    /// Nothing of which nothing is known is called equal, and no alias is moved to it.
    @Test func aSourceThatIsGoneDecidesNothing() async throws {
        let place = try Workplace()
        let (topics, oracle) = (try Topics.shared(), Oracle(uri: try TestEnvironment.lite()))
        let topic = "verify-\(UUID().uuidString)"
        let alias = "\(place.newCollection)_live"
        try await topics.create(topic)
        try await topics.produce((0..<5).map { TopicMessage(key: "\($0)", value: People.record($0)) }, to: topic)
        try place.writeTopicJob(
            ranges: ["{topic: \(topic), start: 0, end: latest}"], uri: oracle.uri, collection: place.newCollection,
            target: "\(People.create), alias: \(alias)")
        #expect(try await place.backfill().exitCode == 0)
        try await topics.deleteRecords(of: topic, before: 5)
        let verified = try await place.backfill("verify", ["--full"])
        #expect(verified.exitCode == 1 && verified.output.hasPrefix("undecided: "), "\(verified)")
        let finished = try await place.backfill("finish", ["--verify"])
        #expect(finished.exitCode == 1 && finished.output.contains("stays where it is"), "\(finished)")
        #expect(try await oracle.collection(ofAlias: alias) == "")
        try await oracle.drop(place.newCollection)
    }

    /// What was found is told although it cannot be written, and what an earlier comparison has written is put aside.
    @Test func aFileOfDifferencesThatCannotBeWrittenHidesNone() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try place.writeDump(People.records(0..<20), to: "dump.jsonl.zst")
        // The pattern stands for the source alone.
        try place.writeJob(
            paths: ["*.jsonl.zst"], uri: oracle.uri, collection: place.newCollection, target: People.create)
        #expect(try await place.backfill().exitCode == 0)
        try await oracle.delete("[3]", from: place.newCollection)
        let nowhere = try await place.backfill("verify", ["--full", "--output", "/proc/differences.jsonl.zst"])
        #expect(nowhere.exitCode == 4, "\(nowhere)")
        #expect(nowhere.output.contains("missing `3`") && nowhere.output.contains("/proc/"), "\(nowhere.output)")

        let file = place.path("job.differences.jsonl.zst")
        #expect(try await place.verify(["--full"]).code == 4)
        #expect(FileManager.default.fileExists(atPath: file))
        try await oracle.upsert("[\(People.record(3))]", into: place.newCollection)
        #expect(try await place.verify(["--full"]).code == 0)
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(FileManager.default.fileExists(atPath: file + ".previous"))
        try await oracle.drop(place.newCollection)
    }

    /// A log that is not the one that was read says nothing about the collection.
    @Test func aTopicThatWasMadeAgainIsNotCompared() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("remade", People.schema)
        let topic = "verify-\(UUID().uuidString)"
        let topics = try Topics.shared()
        for range in ["start: earliest, end: latest", "start: resume, end: latest"] {
            try await topics.create(topic)
            try await topics.produce((0..<5).map { TopicMessage(key: "\($0)", value: People.record($0)) }, to: topic)
            try place.forgetRuns()
            try place.writeTopicJob(ranges: ["{topic: \(topic), \(range)}"], uri: oracle.uri, collection: "remade")
            #expect(try await place.backfill().exitCode == 0)
            for count in [2, 7] {
                try await topics.create(topic)
                try await topics.produce(
                    (0..<count).map { TopicMessage(key: "\($0)", value: People.record($0, name: "other")) }, to: topic)
                for (command, arguments) in [("verify", ["--full"]), ("finish", ["--verify"])] {
                    let result = try await place.backfill(command, arguments)
                    #expect(result.exitCode == 12, "\(result.errors)")
                    #expect(result.errors.contains("deleted and created again"), "\(result.errors)")
                }
            }
        }
        let other = try await place.backfill("verify", ["--range", "\(topic)@0..1"])
        #expect(other.exitCode == 12 && other.errors.contains("the ranges changed"), "\(other.errors)")
    }

    @Test func aDumpThatHasChangedIsNotCompared() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("changed", People.schema)
        try place.writeDump(People.records(0..<5), to: "a.jsonl.zst")
        try place.writeJob(paths: ["*.jsonl.zst"], uri: oracle.uri, collection: "changed")
        #expect(try await place.backfill().exitCode == 0)
        try place.writeDump(People.records(5..<9), to: "b.jsonl.zst")
        let result = try await place.backfill("verify")
        #expect(result.exitCode == 12 && result.errors.contains("b.jsonl.zst"), "\(result.errors)")
    }

    @Test func ofAnUnfinishedJobOnlyWhatIsSettledIsCompared() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("unfinished", People.schema)
        try place.writeDump(People.records(0..<50), to: "a.jsonl.zst")
        try place.writeDump(People.records(40..<60) + ["no record"], to: "b.jsonl.zst")
        // A chunk for each file, so that the first one is settled when the second one ends the run.
        try place.writeJob(paths: ["a.jsonl.zst", "b.jsonl.zst"], uri: oracle.uri, collection: "unfinished")
        #expect(try await place.backfill().exitCode == 1)
        try await oracle.delete("[1, 41]", from: "unfinished")
        let (code, found) = try await place.verify(["--full"])
        #expect(code == 4 && Self.counts(found) == [40, 1, 0, 0], "\(found)")
        #expect(found["unfinished"] as? Bool == true && found["undecided"] as? Int == 20, "\(found)")
    }

    @Test func whatCannotBeComparedIsSaid() async throws {
        let place = try Workplace()
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try place.writeDump(People.records(0..<10), to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: place.newCollection, target: People.create)
        let missing = try await place.backfill("verify")
        #expect(missing.exitCode == 1 && missing.errors.contains("does not exist"), "\(missing.errors)")
        #expect(try await !oracle.has(place.newCollection))

        #expect(try await place.backfill().exitCode == 0)
        let held = try await Command.run(
            "/usr/bin/env",
            [
                "flock", place.path("job.checkpoint.json.lock"), TestEnvironment.binary(), "verify",
                place.path("job.yaml"),
            ])
        #expect(held.exitCode == 11, "\(held.errors)")
        try await oracle.release(place.newCollection)
        let released = try await place.backfill("verify")
        #expect(released.exitCode == 1 && released.errors.contains("is not loaded"), "\(released.errors)")
        try await oracle.drop(place.newCollection)
    }
}
