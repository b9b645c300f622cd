import Foundation
import Testing

/// Collections that jobs make, described or like another one.
@Suite(.serialized) struct CreateTests {
    private static let fields = """
        fields: [{name: id, type: Int64, primaryKey: true}, {name: tenant, type: VarChar, maxLength: 20,
        partitionKey: true}, {name: size, type: Int32, default: 7}, {name: embedding, type: FloatVector, dim: 2}],
        indexes: [{field: embedding, type: HNSW, metric: COSINE, params: {M: 8, efConstruction: 40}}]
        """

    private static let record = #"{"id":1,"tenant":"a","embedding":[1,2],"extra":"x"}"#

    private func prepare(
        _ place: borrowing Workplace, _ target: MilvusTarget, _ create: String, collection: String,
        record: String = Self.record, more: String = ""
    ) throws {
        try place.writeDump([record], to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: try target.uri(), collection: collection,
            run: "{checkpoint: \(collection).json}", target: "\(target.keys)\(more), create: {\(create)}")
    }

    @Test(arguments: MilvusTarget.allCases)
    func everythingThatTheJobSaysOfTheCollectionReachesTheServer(target: MilvusTarget) async throws {
        let place = try Workplace()
        let name = place.newCollection
        try prepare(
            place, target,
            """
            \(Self.fields), dynamicField: true, shards: 2, partitions: 16, consistency: Strong,
            properties: {collection.ttl.seconds: 3600, mmap.enabled: true}
            """, collection: name)
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        let made = try await target.oracle().description(of: name)
        #expect(made["enable_dynamic_field"] as? Bool == true)
        let properties = try #require(made["properties"] as? NSDictionary)
        #expect("\(properties["collection.ttl.seconds"] ?? "")" == "3600", "\(made)")
        #expect("\(properties["mmap.enabled"] ?? "")".lowercased() == "true", "\(made)")
        let fields = try #require(made["fields"] as? [NSDictionary])
        #expect(fields.map { $0["name"] as? String } == ["id", "tenant", "size", "embedding"])
        #expect(fields[1]["is_partition_key"] as? Bool == true)
        let index = try #require((made["indexes"] as? [NSDictionary])?.first)
        #expect(index["index_type"] as? String == "HNSW" && index["metric_type"] as? String == "COSINE", "\(index)")
        let parameters = try #require(index["params"] as? NSDictionary)
        #expect("\(parameters["M"] ?? "")" == "8" && "\(parameters["efConstruction"] ?? "")" == "40", "\(index)")
        if !target.isLite {
            #expect(made["num_shards"] as? Int == 2 && made["num_partitions"] as? Int == 16, "\(made)")
            #expect(made["consistency_level"] as? Int == 0, "\(made)")
        } else if !target.isREST {
            for ignored in ["2 shards", "the consistency level Strong", "16 partitions"] {
                #expect(result.errors.contains("makes the collection without \(ignored)"), "\(result.errors)")
            }
        }
        let row = try #require(try await target.oracle().rows(of: name)["1"])
        #expect(row["size"] as? Int == 7 && row["extra"] as? String == "x", "\(row)")
    }

    @Test(arguments: MilvusTarget.allCases)
    func aCollectionIsMadeLikeAnotherOneButForWhatIsSaid(target: MilvusTarget) async throws {
        let place = try Workplace()
        let (first, second) = (place.newCollection, place.newCollection + "_like")
        try prepare(
            place, target, "\(Self.fields), dynamicField: true, properties: {collection.ttl.seconds: 3600}",
            collection: first)
        #expect(try await place.backfill().exitCode == 0)
        try prepare(
            place, target,
            """
            like: \(first), dims: {embedding: 3}, properties: {collection.ttl.seconds: 60},
            indexes: [{field: embedding, type: FLAT, metric: L2}]
            """, collection: second, record: #"{"id":1,"tenant":"a","embedding":[1,2,3],"extra":"x"}"#)
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        let original = try await target.oracle().description(of: first)
        let made = try await target.oracle().description(of: second)
        for same in ["enable_dynamic_field", "num_shards", "num_partitions", "consistency_level"] {
            #expect(made[same] as? NSObject == original[same] as? NSObject, "\(same): \(made)")
        }
        #expect("\((made["properties"] as? NSDictionary)?["collection.ttl.seconds"] ?? "")" == "60", "\(made)")
        let fields = try #require(made["fields"] as? [NSDictionary])
        let before = try #require(original["fields"] as? [NSDictionary])
        for (new, old) in zip(fields, before) where new["name"] as? String != "embedding" {
            #expect(
                new["type"] as? NSObject == old["type"] as? NSObject
                    && new["params"] as? NSObject == old["params"] as? NSObject)
            #expect(new["is_partition_key"] as? NSObject == old["is_partition_key"] as? NSObject)
        }
        #expect((fields.last?["params"] as? NSDictionary)?["dim"] as? Int == 3, "\(fields)")
        let indexes = try #require(made["indexes"] as? [NSDictionary])
        #expect(indexes.map { $0["index_type"] as? String } == ["FLAT"], "\(indexes)")
        let row = try #require(try await target.oracle().rows(of: second)["1"])
        #expect(row["size"] as? Int == 7, "the default value is copied too")
    }

    @Test(arguments: MilvusTarget.allCases)
    func anIndexIsCopiedWithItsParameters(target: MilvusTarget) async throws {
        let place = try Workplace()
        let (first, second) = (place.newCollection, place.newCollection + "_like")
        try prepare(place, target, "\(Self.fields), dynamicField: true", collection: first)
        #expect(try await place.backfill().exitCode == 0)
        try prepare(place, target, "like: \(first)", collection: second)
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        let index = try #require(
            (try await target.oracle().description(of: second)["indexes"] as? [NSDictionary])?.first)
        #expect(index["index_type"] as? String == "HNSW" && index["metric_type"] as? String == "COSINE", "\(index)")
        let parameters = try #require(index["params"] as? NSDictionary)
        #expect("\(parameters["M"] ?? "")" == "8" && "\(parameters["efConstruction"] ?? "")" == "40", "\(index)")
    }

    @Test func aFunctionIsMadeAndCopiedAndItsOutputIsNotSent() async throws {
        let place = try Workplace()
        let (first, second) = (place.newCollection, place.newCollection + "_like")
        let create = """
            fields: [{name: id, type: Int64, primaryKey: true},
            {name: text, type: VarChar, maxLength: 200, params: {enable_analyzer: true}},
            {name: terms, type: SparseFloatVector}],
            functions: [{name: words, type: BM25, inputs: text, outputs: terms}],
            indexes: [{field: terms, type: SPARSE_INVERTED_INDEX, metric: BM25}]
            """
        for target in [MilvusTarget.liteOverGRPC, .liteOverREST] {
            for (name, create) in [
                ("\(first)\(target.isREST)", create), ("\(second)\(target.isREST)", "like: \(first)\(target.isREST)"),
            ] {
                try prepare(place, target, create, collection: name, record: #"{"id":1,"text":"the quick brown fox"}"#)
                let result = try await place.backfill()
                #expect(result.exitCode == 0, "\(result.errors)")
                let row = try #require(try await target.oracle().rows(of: name)["1"])
                #expect((row["terms"] as? NSDictionary)?.count ?? 0 > 0, "the server computes it: \(row)")
            }
        }
    }

    @Test(arguments: [MilvusTarget.liteOverGRPC, .fullOverGRPC])
    func aMissingCollectionIsSaidToBeMissing(target: MilvusTarget) async throws {
        let place = try Workplace()
        try place.writeDump(People.records(0..<3), to: "dump.jsonl.zst")
        try place.writeJob(paths: ["dump.jsonl.zst"], uri: try target.uri(), collection: "nowhere")
        for command in ["plan", "run"] {
            let result = try await place.backfill(command)
            #expect(result.exitCode == 1)
            #expect(result.errors.contains("collection `nowhere` does not exist"), "\(result.errors)")
            #expect(result.errors.contains("target.milvus.create"), "\(result.errors)")
        }
        try prepare(place, target, "like: nowhere", collection: place.newCollection)
        let like = try await place.backfill()
        #expect(like.exitCode == 1)
        #expect(like.errors.contains("collection `nowhere`, which the new one is to be like"), "\(like.errors)")
    }

    @Test(arguments: MilvusTarget.allCases)
    func aPartitionIsMadeAndFilled(target: MilvusTarget) async throws {
        let place = try Workplace()
        let name = place.newCollection
        let create = """
            fields: [{name: id, type: Int64, primaryKey: true}, {name: embedding, type: FloatVector, dim: 2}],
            indexes: [{field: embedding, type: FLAT, metric: L2}]
            """
        func write(_ records: [String], partition: String, _ run: String) throws {
            try place.writeDump(records, to: "\(run).jsonl.zst")
            try place.writeJob(
                paths: ["\(run).jsonl.zst"], uri: try target.uri(), collection: name, run: "{checkpoint: \(run).json}",
                target: "\(target.keys), partition: \(partition), create: {\(create)}")
        }
        func message(_ key: Int, _ payload: String) -> String {
            #"{"topic":"t","partition":0,"offset":1,"key":"\#(key)","payload":\#(payload)}"#
        }
        try write((1...3).map { #"{"id":\#($0),"embedding":[1,2]}"# }, partition: "old", "first")
        #expect(try await place.backfill().exitCode == 0)
        // The collection is there by now, and the partition is not.
        try write(
            [message(9, #"{"id":9,"embedding":[1,2]}"#), message(2, "null")], partition: "recent", "second")
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try await target.oracle().partitions(of: name).isSuperset(of: ["old", "recent"]))
        // A tombstone deletes from its partition; Milvus Lite knows keys for the whole collection only.
        #expect(try await target.oracle().count(of: name) == (target.isLite ? 3 : 4))
        // Another partition is another job.
        try write([#"{"id":9,"embedding":[1,2]}"#], partition: "old", "first")
        #expect(try await place.backfill("run", ["--set", "target.milvus.partition=recent"]).exitCode == 12)
    }

    @Test func aMissingPartitionIsSaidToBeMissing() async throws {
        let place = try Workplace()
        for target in [MilvusTarget.liteOverGRPC, .fullOverGRPC, .liteOverREST] {
            try await target.oracle().create("partitioned", People.schema)
            try place.writeDump(People.records(0..<3), to: "dump.jsonl.zst")
            try place.writeJob(
                paths: ["dump.jsonl.zst"], uri: try target.uri(), collection: "partitioned",
                target: "\(target.keys), partition: nowhere")
            let result = try await place.backfill()
            #expect(result.exitCode == 1)
            #expect(result.errors.contains("it has no partition `nowhere`"), "\(result.errors)")
        }
    }

    @Test func aPartitionThatIsGoneMidJobIsNotMadeAgain() async throws {
        for target in [MilvusTarget.fullOverGRPC, .liteOverREST] {
            let place = try Workplace()
            let name = place.newCollection
            try prepare(
                place, target,
                """
                fields: [{name: id, type: Int64, primaryKey: true}, {name: embedding, type: FloatVector, dim: 2}]
                """, collection: name, record: #"{"id":1,"embedding":[1,2]}"#, more: ", partition: recent")
            try place.writeDump([#"{"id":1,"embedding":[1,2]}"#, "broken"], to: "dump.jsonl.zst", linesPerFrame: 1)
            #expect(try await place.backfill().exitCode == 1, "it stops in the middle")
            try await target.oracle().dropPartition("recent", of: name)
            for command in ["plan", "run"] {
                let result = try await place.backfill(command)
                #expect(result.exitCode == 12, "\(result.errors)")
                #expect(result.errors.contains("partition `recent` of collection `\(name)`"), "\(result.errors)")
            }
        }
    }

    @Test func aCollectionWithoutTheIndexThatTheJobDescribesIsNamed() async throws {
        let place = try Workplace()
        let name = place.newCollection
        let fields = "fields: [{name: id, type: Int64, primaryKey: true}, {name: embedding, type: FloatVector, dim: 2}]"
        let record = #"{"id":1,"embedding":[1,2]}"#
        try prepare(place, .fullOverGRPC, fields, collection: name, record: record)
        #expect(try await place.backfill().exitCode == 0)
        try prepare(
            place, .fullOverGRPC, "\(fields), indexes: [{field: embedding, type: FLAT, metric: L2}]", collection: name,
            record: record)
        let plan = try await place.backfill("plan", ["--set", "run.checkpoint=other.json"])
        #expect(plan.exitCode == 0, "\(plan.errors)")
        #expect(plan.output.contains("its field `embedding` has none of the indexes"), "\(plan.output)")
    }

    @Test func anIndexThatTheServerRefusesIsSaidInItsWords() async throws {
        let place = try Workplace()
        let name = place.newCollection
        try prepare(
            place, .fullOverGRPC,
            """
            fields: [{name: id, type: Int64, primaryKey: true}, {name: embedding, type: FloatVector, dim: 2}],
            indexes: [{field: embedding, type: NOSUCH, metric: L2}]
            """, collection: name, record: #"{"id":1,"embedding":[1,2]}"#)
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("invalid index type: NOSUCH"), "\(result.errors)")
        #expect(result.errors.contains("collection `\(name)` was made"), "\(result.errors)")
    }
}
