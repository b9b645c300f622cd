import Foundation
import Testing

/// Disks that are full or cannot be written, which are real ones of a mebibyte.
@Suite(.serialized) struct DiskTests {
    private static let topic = "disk_faults"
    private static let count = 3000

    /// A disk of its own in the workplace, for as long as `body` takes.
    private func withDisk(_ place: borrowing Workplace, _ body: (_ path: String) async throws -> Void) async throws {
        let path = place.path("disk")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        _ = try await Command.output(
            of: "/usr/bin/env", ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path])
        do {
            try await body(path)
        } catch {
            _ = try await Command.output(of: "/usr/bin/env", ["umount", path])
            throw error
        }
        _ = try await Command.output(of: "/usr/bin/env", ["umount", path])
    }

    private func remount(_ path: String, _ options: String) async throws {
        _ = try await Command.output(of: "/usr/bin/env", ["mount", "-o", "remount,\(options)", path])
    }

    /// Takes all the room there is.
    private func fill(_ path: String) async throws {
        let result = try await Command.run(
            "/usr/bin/env", ["dd", "if=/dev/zero", "of=\(path)/filler", "bs=4096", "status=none"])
        #expect(result.exitCode != 0, "the disk has no end")
    }

    private func free(_ path: String) throws { try FileManager.default.removeItem(atPath: path + "/filler") }

    /// A job whose files lie on the disk.
    private func prepared(_ place: borrowing Workplace, records: [String], run: String = "") async throws -> Oracle {
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("disk_faults", People.schema)
        try place.writeDump(records, to: "dump.jsonl.zst")
        try place.writeJob(
            paths: ["dump.jsonl.zst"], uri: oracle.uri, collection: "disk_faults",
            record: "{drop: [padding], onReject: {policy: file, path: disk/rejects.jsonl.zst}}",
            run: "{checkpoint: disk/checkpoint.json\(run)}")
        return oracle
    }

    @Test func aFullDiskEndsTheRunWithOneSentenceAndTheNextOneGoesOn() async throws {
        let place = try Workplace()
        let oracle = try await prepared(
            place, records: People.padded(0..<Self.count), run: ", rate: 200/s, batch: {rows: 20}")
        try await withDisk(place) { disk in
            let result = try await Command.run(TestEnvironment.binary(), ["run", place.path("job.yaml")]) { program in
                try await program.wait(for: "a checkpoint") {
                    FileManager.default.fileExists(atPath: disk + "/checkpoint.json")
                }
                try await fill(disk)
            }
            #expect(result.exitCode == 1, "\(result.errors)")
            #expect(result.errors.contains("No space left on device"), "\(result.errors)")
            #expect(result.errors.contains("checkpoint.json"), "\(result.errors)")
            #expect(result.errors.contains("free some space"), "\(result.errors)")
            let stuck = try await place.backfill()
            #expect(stuck.exitCode == 1, "\(stuck.errors)")
            try free(disk)
            let last = try await place.backfill("run", ["--rate", "100000/s"])
            #expect(last.exitCode == 0, "\(last.errors)")
        }
        #expect(Set(try await oracle.rows(of: "disk_faults").keys) == Set((0..<Self.count).map(String.init)))
    }

    @Test func aDiskWithoutRoomForRejectsEndsTheRunBeforeTheyArePassed() async throws {
        let place = try Workplace()
        // Random text, which does not become small.
        let bad = (0..<600).map { id in
            #"{"id":\#(id),"name":"\#((0..<160).map { _ in UUID().uuidString }.joined())","embedding":[1,2]}"#
        }
        let oracle = try await prepared(place, records: People.records(0..<200) + bad)
        try await withDisk(place) { disk in
            let result = try await place.backfill()
            #expect(result.exitCode == 1, "\(result.errors)")
            // The checkpoint may meet the full disk first.
            let files = ["rejects.jsonl.zst", "checkpoint.json"]
            #expect(
                files.contains { result.errors.contains("\($0): No space left on device") }, "\(result.errors)")
            try await remount(disk, "size=64m")
            let last = try await place.backfill()
            #expect(last.exitCode == 3, "\(last.errors)")
            let kept = try await Command.output(of: "/usr/bin/env", ["zstd", "-dc", disk + "/rejects.jsonl.zst"])
            #expect(Set(try jsonLines(kept).compactMap { $0["offset"] as? Int }) == Set(201...800))
            #expect(try jsonLines(kept).count == 600)
        }
        #expect(try await oracle.count(of: "disk_faults") == 200)
    }

    @Test func aRunWhoseLogLiesOnAFullDiskGoesOn() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, records: People.records(0..<100))
        let script = #""$0" run "$1" --log-level debug 2>/dev/full"#
        let result = try await Command.run(
            "/usr/bin/env", ["bash", "-c", script, TestEnvironment.binary(), place.path("job.yaml")])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try await oracle.count(of: "disk_faults") == 100)
    }

    @Test func aDiskThatCannotBeWrittenIsNamedBeforeAnythingIsLoaded() async throws {
        let place = try Workplace()
        let oracle = try await prepared(place, records: People.records(0..<100))
        try await withDisk(place) { disk in
            try await remount(disk, "ro")
            let result = try await place.backfill()
            #expect(result.exitCode == 1, "\(result.errors)")
            #expect(result.errors.contains("Read-only file system"), "\(result.errors)")
            #expect(result.errors.contains("let this user write there, or choose another path"), "\(result.errors)")
        }
        #expect(try await oracle.count(of: "disk_faults") == 0)
    }

    @Test func aDumpGoesOnWhereTheDiskWasFull() async throws {
        let place = try Workplace()
        let topics = try Topics.shared()
        try await topics.create(Self.topic, partitions: 2)
        try await topics.produce(
            (0..<Self.count).map { id in
                let padding = (0..<20).map { _ in UUID().uuidString }.joined()
                return TopicMessage(
                    partition: id % 2, key: "\(id)",
                    value: #"{"id":\#(id),"name":"name \#(id)","embedding":[1,2],"padding":"\#(padding)"}"#)
            }, to: Self.topic)
        try place.writeTopicJob(
            ranges: ["{topic: \(Self.topic), start: earliest, end: latest}"], uri: "http://127.0.0.1:9",
            collection: "any")
        let oracle = Oracle(uri: try TestEnvironment.lite())
        try await oracle.create("disk_faults", People.schema)
        try await withDisk(place) { disk in
            let arguments = ["--output", disk + "/dump"]
            for _ in 0..<2 {
                let full = try await place.backfill("dump", arguments)
                #expect(full.exitCode == 1, "\(full.errors)")
                #expect(full.errors.contains("No space left on device"), "\(full.errors)")
            }
            try await remount(disk, "ro,size=64m")
            let readOnly = try await place.backfill("dump", arguments)
            #expect(readOnly.exitCode == 1 && readOnly.errors.contains("Read-only"), "\(readOnly.errors)")
            try await remount(disk, "rw,size=64m")
            let last = try await place.backfill("dump", arguments)
            #expect(last.exitCode == 0, "\(last.errors)")
            try place.writeJob(
                paths: ["disk/dump/*.jsonl.zst"], uri: oracle.uri, collection: "disk_faults",
                record: "{drop: [padding]}", dump: ", order: perFile")
            let load = try await place.backfill()
            #expect(load.exitCode == 0, "\(load.errors)")
        }
        #expect(Set(try await oracle.rows(of: "disk_faults").keys) == Set((0..<Self.count).map(String.init)))
    }
}
