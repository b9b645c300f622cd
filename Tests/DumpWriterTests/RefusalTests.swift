import BackfillCore
import Checkpoints
import DumpWriter
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("A dump is refused")
struct RefusalTests {
    private func log(_ count: Int64 = 40) -> SampleLog {
        SampleLog(topic: "t", number: 0, ranges: [OffsetRange(start: 0, end: count)]) { offset in
            .message(key: nil, value: Array("{\"id\":\(offset)}".utf8), headers: [], timestamp: nil)
        }
    }

    private let disk = SimulatedDisk()

    /// A dump that was stopped in its last file, which is not the first.
    private func stoppedDump() throws -> TestDump {
        var dump = TestDump(logs: [log()])
        dump.sizes = DumpSizes(frame: 400, file: 250)
        try append(dump.logs[0].chunks(from: 0, size: 4).dropLast(), to: dump)
        let files = try dump.manifest(calls: disk.calls).partitions[0].files
        try #require(files.map(\.isComplete).suffix(2) == [true, false])
        return dump
    }

    /// Writes some chunks and stops.
    private func append(_ chunks: [MessageChunk], to dump: TestDump) throws {
        var partition = try dump.open(calls: disk.calls).openPartition(0)
        for chunk in chunks { try partition.append(chunk) }
        try partition.flush()
    }

    private func refusal(of dump: TestDump, calls: FileSystemCalls? = nil) -> DumpWriteError? {
        do throws(DumpWriteError) {
            try dump.run(calls: calls ?? disk.calls)
            return nil
        } catch {
            return error
        }
    }

    private func content(of path: String) throws -> [UInt8] {
        try #require(try AtomicFile(path: path, calls: disk.calls).read())
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        try AtomicFile(path: path, calls: disk.calls).replace(with: bytes)
    }

    @Test("while another run writes it")
    func locked() throws {
        try withTemporaryFolder { folder throws in
            var dump = TestDump(logs: [log()])
            dump.folder = folder
            let writer = try dump.open(calls: .live)
            let error = try #require(refusal(of: dump, calls: .live))
            #expect(error.exitStatus == .locked)
            #expect(
                error.description.hasPrefix("another run (pid \(getpid()) since 2026-01-01T00:00:00Z on "))
            #expect(error.description.hasSuffix(") writes the dump \(folder); wait for its end or stop it"))
            #expect(writer.folder == folder, "the first run is still there")
        }
    }

    @Test("in the folder of another job")
    func otherJob() throws {
        let dump = try stoppedDump()
        var other = dump
        other.source = .kafka(cluster: "d", ranges: ["articles@0..9"])
        let error = try #require(refusal(of: other))
        #expect(error.exitStatus == .foreignCheckpoint)
        #expect(
            error.description
                == "/d/dump holds the dump of another job: the cluster is d instead of c: offsets of one mean nothing "
                + "in the other; the ranges changed, now without \"articles@earliest..latest\" and with "
                + "\"articles@0..9\"; undo the change or dump into another folder")
        #expect(refusal(of: dump) == nil)
        try dump.check(calls: disk.calls)
    }

    @Test("with a manifest that is damaged, or of another version")
    func damagedManifest() throws {
        let dump = try stoppedDump()
        let path = "/d/dump/manifest.json"
        let good = try content(of: path)
        for index in good.indices {
            var bytes = good
            bytes[index] ^= 1
            try write(bytes, to: path)
            let error = try #require(refusal(of: dump), "byte \(index)")
            #expect(error.exitStatus == .foreignCheckpoint)
            #expect(error.description.hasPrefix("the manifest \(path) "))
            #expect(error.description.hasSuffix("or dump into another folder"))
            #expect(try content(of: path) == bytes)
        }
        try write(Array("{\"version\": 2}".utf8), to: path)
        #expect(refusal(of: dump) == .unknownVersion(path: path, version: 2))
        try write([], to: path)
        #expect(
            refusal(of: dump)?.description
                == "the manifest \(path) is damaged: it is empty; restore the file or dump into another folder")
        try write(good, to: path)
        #expect(refusal(of: dump) == nil)
        try dump.check(calls: disk.calls)
    }

    @Test("with a manifest whose frames are not those of a file")
    func damagedFrames() throws {
        for frames in ["1", "1/2/3", "1/x", "/", "-1/2", "1/4294967296"] {
            let text = Data("\"\(frames)\"".utf8)
            #expect(throws: DecodingError.self) { try JSONDecoder().decode(DumpFrames.self, from: text) }
        }
    }

    @Test("when a file that its manifest counts is missing or has another length")
    func changedFiles() throws {
        let dump = try stoppedDump()
        let names = try dump.manifest(calls: disk.calls).partitions[0].files.map(\.name)
        let complete = dump.folder + "/" + names[0]
        let unfinished = dump.folder + "/" + names[names.count - 1]
        for (path, change) in [(complete, 1), (complete, -1), (unfinished, -1)] {
            let good = try content(of: path)
            try write(change > 0 ? good + [0] : good.dropLast(), to: path)
            let error = try #require(refusal(of: dump))
            #expect(error == .changedFile(path: path, size: good.count + change, expected: good.count))
            #expect(error.exitStatus == .foreignCheckpoint)
            #expect(
                error.description
                    == "\(path) has \(good.count + change) bytes where the dump's manifest counts \(good.count); "
                    + "restore the file or dump into another folder")
            try disk.calls.remove(path)
            #expect(
                refusal(of: dump)?.description
                    == "\(path) is missing, which the dump's manifest counts; restore the file or dump into another "
                    + "folder")
            try write(good, to: path)
        }
        // A longer unfinished file is what a crash leaves.
        try write(content(of: unfinished) + [1, 2, 3], to: unfinished)
        #expect(refusal(of: dump) == nil)
        try dump.check(calls: disk.calls)
    }

    @Test("in a folder that holds other files of the names that it needs, which it leaves alone")
    func foreignFiles() throws {
        var dump = TestDump(logs: [log()])
        dump.sizes = DumpSizes(frame: 100, file: 100)
        let first = "/d/dump/t-0-00000.jsonl.zst"
        try write([1, 2, 3], to: first)
        let error = try #require(refusal(of: dump))
        #expect(error == .foreignFile(path: first))
        #expect(error.exitStatus == .foreignCheckpoint)
        #expect(
            error.description
                == "\(first) was not written by this dump and stands in its way; move it away or dump into another "
                + "folder")
        #expect(try content(of: first) == [1, 2, 3])
        #expect(try AtomicFile(path: "/d/dump/manifest.json", calls: disk.calls).size() == nil)
        try disk.calls.remove(first)

        let later = "/d/dump/t-0-00003.jsonl.zst"
        try write([1, 2, 3], to: later)
        for _ in 0..<3 {
            #expect(refusal(of: dump) == .foreignFile(path: later))
            #expect(try content(of: later) == [1, 2, 3])
        }
        try disk.calls.remove(later)
        #expect(refusal(of: dump) == nil)
        try dump.check(calls: disk.calls)
    }

    @Test("to go on when such a file appears between two of its own, in a resumed run too", arguments: [false, true])
    func foreignFileAppears(isResumed: Bool) throws {
        var dump = TestDump(logs: [log()])
        dump.sizes = DumpSizes(frame: 200, file: 300)
        let chunks = dump.logs[0].chunks(from: 0, size: 4)
        if isResumed { try append([chunks[0]], to: dump) }
        let writer = try dump.open(calls: disk.calls)
        var partition = try writer.openPartition(0)
        for chunk in chunks.dropFirst(isResumed ? 1 : 0) {
            try partition.append(chunk)
            if writer.manifest.partitions[0].files.first?.isComplete == true { break }
        }
        let path = "/d/dump/t-0-00001.jsonl.zst"
        try write([1, 2, 3], to: path)
        do throws(DumpWriteError) {
            try partition.append(dump.logs[0].chunks(from: partition.nextOffset, size: 4)[0])
            Issue.record("the other file was replaced")
        } catch {
            #expect(error == .foreignFile(path: path))
        }
        #expect(try content(of: path) == [1, 2, 3])
    }

    @Test("in a folder that cannot be used")
    func unusableFolder() throws {
        try withTemporaryFolder { folder throws in
            try TestSupport.write([], to: folder + "/file")
            var dump = TestDump(logs: [log()])
            dump.folder = folder + "/file"
            let error = try #require(refusal(of: dump, calls: .live))
            #expect(error.exitStatus == .failed)
            #expect(
                error.description
                    == "cannot lock \(folder)/file/manifest.json.lock: Not a directory (error 20); correct the path")
        }
    }
}
