import Foundation
import Subprocess
import SystemPackage
import Testing

/// Collections that are filled beside the one that serves searches, and take its place.
@Suite(.serialized) struct FinishTests {
    private static let count = 300

    /// A job whose rows name the collection, and the collection that serves searches meanwhile.
    private struct Names {
        let old: String
        let new: String
        let alias: String

        init(_ place: borrowing Workplace) {
            let name = place.newCollection
            (old, new, alias) = (name + "_old", name + "_new", name + "_live")
        }
    }

    private func writeJob(
        _ place: borrowing Workplace, into collection: String, alias: String?, uri: String, keys: String = "",
        index: String = "{field: embedding, type: FLAT, metric: L2}"
    ) throws {
        let records = (0..<Self.count).map {
            #"{"id":\#($0),"collection":"\#(collection)","embedding":[\#($0).5,-1]}"#
        }
        try place.writeDump(records, to: "\(collection).jsonl.zst")
        try place.writeJob(
            paths: ["\(collection).jsonl.zst"], uri: uri, collection: collection,
            run: "{checkpoint: \(collection).checkpoint.json}",
            target: """
                \(keys)\(alias.map { ", alias: \($0)" } ?? ""), create: {consistency: Strong,
                fields: [{name: id, type: Int64, primaryKey: true}, {name: collection, type: VarChar, maxLength: 80},
                {name: embedding, type: FloatVector, dim: 2}], indexes: [\(index)]}
                """)
    }

    /// Fills the collection that serves searches, and the one that is to take its place.
    private func prepare(
        _ place: borrowing Workplace, _ names: Names, uri: String, keys: String = ""
    ) async throws {
        try writeJob(place, into: names.old, alias: nil, uri: uri, keys: keys)
        let first = try await place.backfill()
        try #require(first.exitCode == 0, "\(first.errors)")
        try writeJob(
            place, into: names.new, alias: names.alias, uri: uri, keys: keys,
            index: "{field: embedding, type: IVF_FLAT, metric: L2, params: {nlist: 1}}")
    }

    /// Searches the alias again and again for as long as `body` runs.
    ///
    /// - Returns: The collections from which the rows came, in the order in which they took turns.
    private func collections(
        behind alias: String, of oracle: Oracle, while body: () async throws -> Void
    ) async throws -> [String] {
        let result = try await Subprocess.run(
            .path("/usr/bin/env"),
            arguments: [
                TestEnvironment.python(), TestFolders.script("searcher.py"), oracle.uri, alias, "\(Self.count)",
            ], input: .inputWriter, output: .sequence, error: .discarded
        ) { process in
            var text = ""
            var answers = process.standardOutput.strings().makeAsyncIterator()
            // It searches from here on.
            text += try await answers.next() ?? ""
            try await body()
            try await process.standardInputWriter.finish()
            while let more = try await answers.next() { text += "\n" + more }
            return text
        }
        var answers = try jsonLines(result.closureResult)
        let searches = try #require(answers.popLast()?["searches"] as? Int, "\(answers)")
        #expect(searches > 10)
        return try answers.map { answer in
            #expect(answer["hits"] as? Int == Self.count && answer["keys"] as? Int == Self.count, "\(answer)")
            let names = try #require(answer["collections"] as? [String], "\(answer)")
            #expect(names.count == 1, "\(answer)")
            return names.joined()
        }
    }

    @Test(arguments: [MilvusTarget.liteOverGRPC, .liteOverREST, .fullOverGRPC])
    func searchesThroughTheAliasNeverFailAndNeverSeeHalfACollection(target: MilvusTarget) async throws {
        let place = try Workplace()
        let (names, oracle) = (Names(place), try target.oracle())
        try await prepare(place, names, uri: try target.uri(), keys: target.keys)
        try await oracle.setAlias(names.alias, to: names.old)
        let turns = try await collections(behind: names.alias, of: oracle) {
            let early = try await place.backfill("finish")
            #expect(early.exitCode == 1 && early.errors.contains("has not run yet"), "\(early.errors)")
            let run = try await place.backfill()
            #expect(run.exitCode == 0, "\(run.errors)")

            let finished = try await place.backfill("finish", ["--json"])
            #expect(finished.exitCode == 0, "\(finished.errors)")
            // Milvus Lite leaves nothing to wait for.
            for event in ["finish.switch"] + (target.isLite ? [] : ["finish.flush"]) {
                #expect(finished.errors.contains(event), "\(finished.errors)")
            }
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? NSDictionary)
            #expect(report["aliasBefore"] as? String == names.old && report["aliasAfter"] as? String == names.new)
            #expect(report["rows"] as? Int == Self.count && report["flushConfirmed"] as? Bool == !target.isREST)
            #expect((report["indexes"] as? [NSDictionary])?.first?["rows"] as? Int == Self.count)
            #expect(try await oracle.collection(ofAlias: names.alias) == names.new)

            let again = try await place.backfill("finish")
            #expect(again.exitCode == 0 && again.output.contains("stands for it already"), "\(again)")

            let back = try await place.backfill("finish", ["--rollback"])
            #expect(back.exitCode == 0 && back.output.contains("`\(names.old)` now"), "\(back)")
            #expect(try await oracle.collection(ofAlias: names.alias) == names.old)
            let twice = try await place.backfill("finish", ["--rollback"])
            #expect(twice.exitCode == 0 && twice.output.contains("nothing to move back"), "\(twice)")
            #expect(try await oracle.collection(ofAlias: names.alias) == names.old)
        }
        #expect(turns == [names.old, names.new, names.old])
        for collection in [names.old, names.new] { #expect(try await oracle.count(of: collection) == Self.count) }
    }

    /// What the alias stood for is on the disk before it is moved.
    @Test func aKillBetweenRememberingAndMovingLosesNothing() async throws {
        let place = try Workplace()
        let (names, oracle) = (Names(place), Oracle(uri: try TestEnvironment.lite()))
        try await prepare(place, names, uri: oracle.uri)
        try await oracle.setAlias(names.alias, to: names.old)
        #expect(try await place.backfill().exitCode == 0)
        let server = TestServer.faultInjector(port: 28096, to: oracle.uri, faults: ["held:AlterAlias"], times: 1)
        let (record, binary) = (place.path("\(names.new).checkpoint.json.switch"), try TestEnvironment.binary())
        let arguments = ["finish", place.path("job.yaml"), "--set", "target.milvus.uri=http://\(server.address)"]
        let ends: [(signal: Subprocess.Signal, code: Int32)] = [(.kill, 137), (.interrupt, 130), (.terminate, 143)]
        try await server.run {
            for (signal, code) in ends {
                try? FileManager.default.removeItem(atPath: record)
                let killed = try await Command.run(binary, arguments) { program in
                    var tries = 0
                    while !FileManager.default.fileExists(atPath: record), tries < 300 {
                        try await Task.sleep(for: .milliseconds(100))
                        tries += 1
                    }
                    // The server holds the call that follows.
                    try await Task.sleep(for: .milliseconds(200))
                    program.send(signal)
                }
                #expect(killed.exitCode == code, "\(killed.errors)")
                #expect(try await oracle.collection(ofAlias: names.alias) == names.old)
            }
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: record)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let back = try await place.backfill("finish", ["--rollback"])
        #expect(back.exitCode == 0 && back.output.contains("nothing to move back"), "\(back)")
        let finished = try await place.backfill("finish")
        #expect(finished.exitCode == 0 && finished.output.contains("before for `\(names.old)`"), "\(finished)")
        #expect(try await oracle.collection(ofAlias: names.alias) == names.new)
    }

    @Test func whatCannotBeMovedOrMovedBackIsSaid() async throws {
        let place = try Workplace()
        let (names, oracle) = (Names(place), Oracle(uri: try TestEnvironment.lite()))
        try await prepare(place, names, uri: oracle.uri)
        func refusal(_ arguments: [String] = [], code: Int32 = 1) async throws -> String {
            let result = try await place.backfill("finish", arguments)
            #expect(result.exitCode == code, "\(result)")
            return result.errors
        }
        #expect(try await refusal(["--rollback"]).contains("has moved no alias yet"))
        let dump = place.folder.appending(path: "\(names.new).jsonl.zst")
        let whole = try Data(contentsOf: dump)
        let record = #"{"id":1,"collection":"x","embedding":[1,2]}"#
        try place.writeDump(Array(repeating: record, count: 200) + ["{}"], to: dump.lastPathComponent)
        #expect(try await place.backfill().exitCode == 1)
        #expect(try await refusal().contains("is not complete"))
        try whole.write(to: dump)

        let clash = "target.milvus.alias=\(names.old)"
        let run = try await place.backfill("run", ["--restart", "--set", clash])
        #expect(run.exitCode == 0 && run.errors.contains("is the name of a collection"), "\(run.errors)")
        #expect(try await refusal(["--set", clash]).contains("is the name of a collection"))
        #expect(try await refusal(["--set", "target.milvus.alias=\(names.new)"], code: 65).contains("another name"))
        #expect(try await refusal(["--set", "record.tombstones=skip"], code: 12).contains("tombstones"))

        let fresh = try await place.backfill("finish")
        #expect(fresh.exitCode == 0 && fresh.output.contains("no such alias before"), "\(fresh)")
        #expect(try await refusal(["--rollback"]).contains("was new"))
        #expect(try await refusal(["--rollback", "--set", "target.milvus.alias=x"]).contains("`\(names.alias)`"))

        try await oracle.setAlias(names.alias, to: names.old)
        let moved = try await place.backfill("finish")
        #expect(moved.exitCode == 0, "\(moved.errors)")
        let third = names.new + "_3"
        try await oracle.create(third, People.schema)
        try await oracle.setAlias(names.alias, to: third)
        #expect(try await refusal(["--rollback"]).contains("stands for `\(third)` now"))
        try await oracle.setAlias(names.alias, to: names.new)
        try await oracle.drop(names.old)
        #expect(try await refusal(["--rollback"]).contains("does not exist any more"))
        #expect(try await oracle.collection(ofAlias: names.alias) == names.new)
    }

    @Test func withoutAnAliasNothingIsMovedAndACollectionThatIsOneIsWarnedOf() async throws {
        let place = try Workplace()
        let (names, oracle) = (Names(place), Oracle(uri: try TestEnvironment.lite()))
        try writeJob(place, into: names.old, alias: nil, uri: oracle.uri)
        #expect(try await place.backfill().exitCode == 0)
        let finished = try await place.backfill("finish")
        #expect(finished.exitCode == 0 && finished.output.contains("names no alias"), "\(finished)")
        let back = try await place.backfill("finish", ["--rollback"])
        #expect(back.exitCode == 1 && back.errors.contains("target.milvus.alias"), "\(back.errors)")

        try await oracle.setAlias(names.alias, to: names.old)
        try writeJob(place, into: names.alias, alias: nil, uri: oracle.uri)
        let plan = try await place.backfill("plan")
        #expect(plan.exitCode == 0 && plan.output.contains("is an alias of collection `\(names.old)`"), "\(plan)")
        #expect(try await place.backfill().exitCode == 0)
        let refused = try await place.backfill("finish")
        #expect(refused.exitCode == 1 && refused.errors.contains("name the collection itself"), "\(refused.errors)")
    }

    @Test func aCollectionThatDiffersFromTheSourceDoesNotTakeOver() async throws {
        let place = try Workplace()
        let (names, oracle) = (Names(place), Oracle(uri: try TestEnvironment.lite()))
        try await prepare(place, names, uri: oracle.uri)
        try await oracle.setAlias(names.alias, to: names.old)
        #expect(try await place.backfill().exitCode == 0)
        // Somebody else changes a row.
        let job = try String(contentsOf: place.folder.appending(path: "job.yaml"), encoding: .utf8)
        let changed = place.path("changed.yaml")
        try place.writeDump([#"{"id":7,"collection":"x","embedding":[1,2]}"#], to: "changed.jsonl.zst")
        try Data(
            job.replacing("\(names.new).jsonl.zst", with: "changed.jsonl.zst").replacing(
                "checkpoint.json", with: "2.json"
            )
            .utf8
        ).write(to: URL(filePath: changed))
        #expect(try await Command.run(TestEnvironment.binary(), ["run", changed]).exitCode == 0)
        let differing = try await place.backfill("finish", ["--verify-full"])
        #expect(differing.exitCode == 4 && differing.output.contains("1 stale"), "\(differing)")
        #expect(differing.output.contains("stays where it is"), "\(differing.output)")
        #expect(try await oracle.collection(ofAlias: names.alias) == names.old)
        #expect(try await place.backfill("run", ["--restart"]).exitCode == 0)
        for option in ["--verify", "--verify-full"] {
            let equal = try await place.backfill("finish", [option])
            #expect(equal.exitCode == 0 && equal.output.contains("0 stale"), "\(equal)")
        }
        #expect(try await oracle.collection(ofAlias: names.alias) == names.new)
    }
}
