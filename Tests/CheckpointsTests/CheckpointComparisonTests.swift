import BackfillCore
import Testing

import Checkpoints

@Suite struct CheckpointComparisonTests {
    typealias File = CheckpointDocument.SourceFile

    private let stored: CheckpointDocument = {
        var document = CheckpointDocument.sample
        document.job.changeFiles { files in
            files = [
                File(path: "/d/1.zst", size: 10, digest: "a"), File(path: "/d/2.zst", size: 20, digest: "b"),
                File(path: "/d/3.zst", size: 30, digest: "c"),
            ]
        }
        document.collection = .init(id: 7, schema: ["id Int64 primaryKey", "title VarChar(100)"])
        return document
    }()

    private func differences(
        job change: (inout CheckpointDocument.Job) -> Void = { _ in },
        collection changeCollection: (inout CheckpointDocument.Collection) -> Void = { _ in }
    ) -> [CheckpointDifference] {
        var (job, collection) = (stored.job, stored.collection)
        change(&job)
        changeCollection(&collection)
        return CheckpointComparison(of: stored, with: job, collection: collection).differences
    }

    private func differences(files change: (inout [File]) -> Void) -> [CheckpointDifference] {
        differences(job: { $0.changeFiles(change) })
    }

    /// What differs for a Kafka job when its source becomes another one.
    private func differences(kafka source: CheckpointDocument.Source) -> [String] {
        let stored = CheckpointDocument.kafkaSample
        var job = stored.job
        job.source = source
        return CheckpointComparison(of: stored, with: job, collection: stored.collection).differences
            .map(\.description)
    }

    @Test func theSameJobMayGoOn() throws {
        let same = CheckpointComparison(of: stored, with: stored.job, collection: stored.collection)
        #expect(same.differences == [])
        try same.requireSameJob(checkpoint: "c.json")
    }

    @Test func aRoundMayBeginAfterAnyBackfillAndUnderAnotherSchema() {
        let stored = CheckpointDocument.kafkaSample
        guard case .kafka(let cluster, _) = stored.job.source else { return }
        var job = stored.job
        var collection = stored.collection
        collection.schema.append("new VarChar(5) nullable")
        job.source = .kafka(cluster: cluster, ranges: ["articles@resume..latest"])
        func differences(_ stored: CheckpointDocument, _ job: CheckpointDocument.Job) -> [CheckpointDifference] {
            CheckpointComparison(of: stored, with: job, collection: collection, startsRound: true).differences
        }
        #expect(differences(stored, job) == [])
        // Once it is a catch-up it stays the same one.
        var caughtUp = stored
        caughtUp.job = job
        job.source = .kafka(cluster: cluster, ranges: ["articles:0@resume..latest"])
        #expect(
            differences(caughtUp, job)
                == [.ranges(removed: ["articles@resume..latest"], added: ["articles:0@resume..latest"])])
        job.source = .kafka(cluster: "another", ranges: ["articles@resume..latest"])
        #expect(differences(stored, job).count == 1)
    }

    @Test func anotherPartitionIsAnotherJob() {
        #expect(differences(job: { $0.partition = "recent" }) == [.partition(stored: nil, current: "recent")])
        #expect(
            differences(job: { $0.partition = "recent" }).map(\.description)
                == [#"the partition is "recent" instead of the server's choice"#])
    }

    @Test func aMovedDumpIsTheSameDump() {
        #expect(differences(files: { for index in $0.indices { $0[index].path = "/moved/\(index)" } }) == [])
    }

    @Test func aChangedFileIsNamed() {
        #expect(
            differences(files: { $0[1].size = 25 }) == [.fileChanged(path: "/d/2.zst", storedSize: 20, size: 25)])
        #expect(
            differences(files: { $0[1].size = 25 }).map(\.description)
                == ["the file /d/2.zst has 25 bytes instead of 20"])
        #expect(
            differences(files: { $0[1].digest = "x" }).map(\.description)
                == ["the file /d/2.zst has other content of the same size"])
    }

    @Test func missingAndAddedFilesAreNamed() {
        #expect(
            differences(files: { $0.remove(at: 1) }).map(\.description)
                == ["the source no longer holds \"/d/2.zst\""])
        #expect(
            differences(files: { $0.append(File(path: "/d/4.zst", size: 1, digest: "d")) }).map(\.description)
                == ["the source now also holds \"/d/4.zst\""])
        #expect(
            differences(files: { $0[0] = File(path: "/e/1.zst", size: 1, digest: "d") })
                == [.filesMissing(["/d/1.zst"]), .filesAdded(["/e/1.zst"])])
        #expect(
            differences(files: { $0.append($0[0]) }) == [.filesAdded(["/d/1.zst"])],
            "the same content once more is one file more")
    }

    @Test func aLongListIsCutShort() {
        let added = (0..<8).map { File(path: "/n/\($0)", size: $0, digest: "n") }
        #expect(
            differences(files: { $0 += added }).map(\.description)
                == ["the source now also holds \"/n/0\", \"/n/1\", \"/n/2\", \"/n/3\", \"/n/4\" and 3 more"])
    }

    @Test func anotherOrderIsNamed() {
        #expect(
            differences(files: { $0.swapAt(1, 2) }).map(\.description)
                == ["the files of the source have another order from /d/3.zst on"])
    }

    @Test func anotherReadingOfTheSourceIsNamed() {
        #expect(
            differences(job: {
                $0.source = .dump(files: $0.files, envelope: .none, order: .perFile)
            }).map(\.description)
                == [
                    "the envelope of the lines is none instead of kcat",
                    "the order of the files is perFile instead of sequence",
                ])
    }

    @Test func theSameTopicsMayGoOn() {
        #expect(differences(kafka: CheckpointDocument.kafkaSample.job.source) == [])
        let ranges = ["b@5..2026-01-01T00:00:00Z", "articles:0-3,7@earliest..latest"]
        #expect(differences(kafka: .kafka(cluster: nil, ranges: ranges)) == [], "another order, an unknown cluster")
    }

    @Test func anotherClusterIsNamed() {
        let ranges = ["articles:0-3,7@earliest..latest", "b@5..2026-01-01T00:00:00Z"]
        #expect(
            differences(kafka: .kafka(cluster: "other", ranges: ranges)) == [
                "the cluster is other instead of MkU3OEVBNTcwNTJENDM2Qk: offsets of one mean nothing in the other"
            ])
    }

    @Test func otherRangesAreNamed() {
        #expect(
            differences(kafka: .kafka(cluster: nil, ranges: ["articles:0-3,7@earliest..latest", "b@5..10"])) == [
                "the ranges changed, now without \"b@5..2026-01-01T00:00:00Z\" and with \"b@5..10\""
            ])
        #expect(
            differences(kafka: .kafka(cluster: nil, ranges: ["articles:0-3,7@earliest..latest"])) == [
                "the ranges changed, now without \"b@5..2026-01-01T00:00:00Z\""
            ])
    }

    @Test func anotherKindOfSourceIsOneDifference() {
        #expect(differences(kafka: stored.job.source) == ["the source is dump files instead of Kafka topics"])
        #expect(
            differences(job: { $0.source = CheckpointDocument.kafkaSample.job.source }).map(\.description)
                == ["the source is Kafka topics instead of dump files"])
    }

    @Test func anotherMappingIsNamedByItsLines() {
        #expect(
            differences(job: { $0.mapping[1] = "vector <- v2" }).map(\.description)
                == ["the record mapping changed, now without \"vector <- embedding\" and with \"vector <- v2\""])
        #expect(
            differences(job: { $0.mapping.append("x <- $topic") }).map(\.description)
                == ["the record mapping changed, now with \"x <- $topic\""])
        #expect(
            differences(job: { $0.mapping.reverse() }).map(\.description) == ["the record mapping changed its order"])
    }

    @Test func anotherTargetIsNamed() {
        #expect(
            differences(
                job: {
                    $0.collection = "b"
                    $0.database = "c"
                }, collection: { $0.id = 9 }
            ).map(\.description)
                == ["the database is \"c\" instead of \"default\"", "the collection is \"b\" instead of \"articles\""])
    }

    @Test func aCollectionCreatedAgainIsNamed() {
        #expect(
            differences(collection: { $0.id = 8 }).map(\.description)
                == [
                    "the collection was dropped and created again (its id is 8 instead of 7), so the rows written so "
                        + "far are gone"
                ])
        #expect(differences(collection: { $0.id = 0 }) == [], "the server gives no ids any more")
        var withoutID = stored
        withoutID.collection.id = 0
        #expect(
            CheckpointComparison(of: withoutID, with: stored.job, collection: stored.collection).differences == [])
    }

    @Test func anotherSchemaIsNamedByItsLines() {
        #expect(
            differences(collection: { $0.schema[1] = "title VarChar(200)" }).map(\.description)
                == [
                    "the schema of the collection changed, now without \"title VarChar(100)\" and with "
                        + "\"title VarChar(200)\""
                ])
    }

    @Test func allDifferencesMakeOneErrorWithTheWayOut() {
        var (job, collection) = (stored.job, stored.collection)
        job.changeFiles { $0[0].size = 11 }
        collection.id = 8
        let error = #expect(throws: CheckpointError.self) {
            try CheckpointComparison(of: stored, with: job, collection: collection).requireSameJob(checkpoint: "c.json")
        }
        #expect(error?.exitStatus == .foreignCheckpoint)
        #expect(
            error?.description
                == "the checkpoint c.json belongs to another job: the file /d/1.zst has 11 bytes instead of 10; the "
                + "collection was dropped and created again (its id is 8 instead of 7), so the rows written so far "
                + "are gone; undo the change, start over with --restart, or set run.checkpoint to another path")
    }
}
