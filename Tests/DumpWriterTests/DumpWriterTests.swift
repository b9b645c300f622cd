import BackfillCore
import Checkpoints
import DumpReader
import DumpWriter
import Foundation
import TestSupport
import Testing
import Zstd

@Suite("A dump that nothing disturbs")
struct DumpWriterTests {
    /// Logs of several partitions of two topics, one of which is empty.
    private func logs(seed: Int) -> [SampleLog] {
        var random = SeededGenerator(seed: seed)
        var logs = (0..<Int32(random.number(1...4))).map { SampleLog(topic: "articles", number: $0, using: &random) }
        logs.append(SampleLog(topic: "articles-0", number: 7, using: &random))
        logs.append(SampleLog(topic: "empty", number: 0, ranges: [OffsetRange(start: 5, end: 5)]) { _ in .absent })
        return logs
    }

    /// A log of short texts.
    private func plainLog(_ count: Int64) -> SampleLog {
        SampleLog(topic: "t", number: 0, ranges: [OffsetRange(start: 0, end: count)]) { offset in
            .message(key: Array("k\(offset)".utf8), value: Array("{\"id\":\(offset)}".utf8), headers: [], timestamp: 7)
        }
    }

    @Test("holds every message of every partition once, in order, however it is cut", arguments: 0..<40)
    func content(seed: Int) throws {
        var random = SeededGenerator(seed: seed + 1000)
        let disk = SimulatedDisk()
        var dump = TestDump(logs: logs(seed: seed))
        dump.chunkSize = random.number(1...10)
        dump.sizes = DumpSizes(frame: random.number(1...2000), file: random.number(1...3000))
        try dump.run(calls: disk.calls, flushes: random.oneIn(2))
        try dump.check(calls: disk.calls, "seed \(seed)")
    }

    @Test("is read by zstd, and by the reader of dumps, which finds the same lines", arguments: 0..<4)
    func readers(seed: Int) throws {
        try withTemporaryFolder { folder throws in
            var dump = TestDump(logs: logs(seed: seed))
            dump.folder = folder + "/new/dump"
            try dump.run(calls: .live)
            try dump.check(calls: .live)
            let manifest = try dump.manifest(calls: .live)
            for (log, partition) in zip(dump.logs, manifest.partitions) {
                let files = partition.files.map { dump.folder + "/" + $0.name }
                #expect(try files.flatMap { try zstdText(of: $0) } == log.text)
                if files.isEmpty { continue }
                var reader = DumpReader(files: try SourceCatalog.files(matching: files))
                var text: [UInt8] = []
                while let chunk = try reader.nextChunk() { text += chunk.bytes }
                #expect(text == log.text)
            }
            for name in try names(in: dump.folder) {
                #expect(try permissions(of: dump.folder + "/" + name) == 0o600)
            }
        }
    }

    @Test("has no file for a partition without messages, and the partition in its manifest")
    func emptyPartition() throws {
        try withTemporaryFolder { folder throws in
            var dump = TestDump(logs: [
                SampleLog(topic: "none", number: 0, ranges: [OffsetRange(start: 9, end: 9)]) { _ in .absent },
                SampleLog(topic: "absent", number: 1, ranges: [OffsetRange(start: 3, end: 6)]) { _ in .absent },
                SampleLog(topic: "lost", number: 2, ranges: [OffsetRange(start: 3, end: 9)]) { _ in .lost },
            ])
            dump.folder = folder
            try dump.run(calls: .live)
            try dump.check(calls: .live)
            #expect(try names(in: folder) == ["manifest.json", "manifest.json.lock"])
            let manifest = try dump.manifest(calls: .live)
            #expect(manifest.partitions.map(\.absent) == [0, 3, 0])
            #expect(manifest.partitions.map(\.nextOffset) == [9, 6, 9])
            #expect(manifest.partitions[2].gaps.map(\.count).reduce(0, +) == 6)
        }
    }

    @Test("begins a new file when one has reached its size")
    func rollOver() throws {
        let disk = SimulatedDisk()
        var dump = TestDump(logs: [plainLog(400)])
        dump.sizes = DumpSizes(frame: 500, file: 900)
        try dump.run(calls: disk.calls)
        try dump.check(calls: disk.calls)
        let manifest = try dump.manifest(calls: disk.calls)
        let files = manifest.partitions[0].files
        #expect(files.count > 5)
        // A frame more than the size at most, and the seek table.
        #expect(files.dropLast().allSatisfy { (900...1400).contains($0.bytes) })
        #expect(files[0].firstOffset == 0)
        for (file, next) in zip(files, files.dropFirst()) { #expect(file.nextOffset == next.firstOffset) }
        #expect(files.last?.nextOffset == 400)
    }

    @Test("cuts frames behind whole chunks, and behind lines where a chunk is larger than a frame may be")
    func frames() throws {
        let disk = SimulatedDisk()
        var dump = TestDump(logs: [plainLog(100)])
        dump.sizes = DumpSizes(frame: 1000, file: 1 << 20)
        dump.chunkSize = 2
        try dump.run(calls: disk.calls)
        let path = dump.folder + "/t-0-00000.jsonl.zst"
        var file = try SeekableFile(try #require(try AtomicFile(path: path, calls: disk.calls).read()))
        #expect(file.frames.dropLast().allSatisfy { (1000...1200).contains($0.textSize) })

        dump.folder = "/d/large"
        dump.chunkSize = 100
        try dump.run(calls: disk.calls)
        try dump.check(calls: disk.calls)
        file = try SeekableFile(
            try #require(try AtomicFile(path: "/d/large/t-0-00000.jsonl.zst", calls: disk.calls).read()))
        #expect(file.frames.count > 4)
        #expect(file.frames.dropLast().allSatisfy { (1900...2000).contains($0.textSize) })
    }

    @Test("cuts a line that is larger than any frame, and no other")
    func longLine() throws {
        let disk = SimulatedDisk()
        var dump = TestDump(logs: [
            SampleLog(topic: "t", number: 0, ranges: [OffsetRange(start: 0, end: 3)]) { offset in
                .message(
                    key: nil, value: [UInt8](repeating: 0x61, count: offset == 1 ? 1000 : 5), headers: [],
                    timestamp: nil)
            }
        ])
        dump.sizes = DumpSizes(frame: 100, file: 1 << 20)
        try dump.run(calls: disk.calls)
        try dump.check(calls: disk.calls)
        let path = dump.folder + "/t-0-00000.jsonl.zst"
        let file = try SeekableFile(try #require(try AtomicFile(path: path, calls: disk.calls).read()))
        #expect(file.frames.allSatisfy { $0.textSize <= 200 })
    }

    @Test("gives back binary keys, values and headers")
    func binary() throws {
        struct Line: Decodable {
            var offset: Int64
            var key_base64: Data?
            var payload_base64: Data?
            var headers_base64: [Data?]?
        }
        let disk = SimulatedDisk()
        let dump = TestDump(logs: [
            SampleLog(topic: "t", number: 0, ranges: [OffsetRange(start: 0, end: 256)]) { offset in
                .message(
                    key: [0xFF, UInt8(offset)], value: [UInt8(offset), 0xC0, 0],
                    headers: [MessageHeader(name: "n", value: [0x80, UInt8(offset)])], timestamp: nil)
            }
        ])
        try dump.run(calls: disk.calls)
        var offset: Int64 = 0
        for file in try dump.manifest(calls: disk.calls).partitions[0].files {
            let bytes = try AtomicFile(path: dump.folder + "/" + file.name, calls: disk.calls).read()
            let text = try SeekableFile(try #require(bytes)).textOfAllFrames()
            for line in text.split(separator: UInt8(ascii: "\n")) {
                let line = try JSONDecoder().decode(Line.self, from: Data(line))
                #expect(line.offset == offset)
                #expect(line.key_base64 == Data([0xFF, UInt8(offset)]))
                #expect(line.payload_base64 == Data([UInt8(offset), 0xC0, 0]))
                #expect(line.headers_base64 == [Data("n".utf8), Data([0x80, UInt8(offset)])])
                offset += 1
            }
        }
        #expect(offset == 256)
    }

    @Test("is written by the tasks of its partitions at the same time")
    func concurrency() async throws {
        try await withTemporaryFolder { folder async throws in
            var random = SeededGenerator(seed: 1)
            var dump = TestDump(logs: (0..<8).map { SampleLog(topic: "t", number: $0, using: &random) })
            dump.folder = folder
            let clock = SteppingClock(step: .milliseconds(100))
            dump.now = { clock.now }
            let writer = try dump.open(calls: .live)
            let logs = dump.logs
            try await withThrowingTaskGroup { group in
                for index in logs.indices {
                    group.addTask {
                        var partition = try writer.openPartition(index)
                        for chunk in logs[index].chunks(from: partition.nextOffset, size: 2) {
                            try partition.append(chunk)
                            await Task.yield()
                        }
                        try partition.finish()
                    }
                }
                try await group.waitForAll()
            }
            try dump.check(calls: .live)
        }
    }

    @Test("writes its manifest when files end, and otherwise at most once a second")
    func manifestWrites() throws {
        for (step, expected) in [(Duration.zero, 2...2), (.milliseconds(10), 3...8), (.seconds(2), 40...200)] {
            let counter = FaultyCalls()
            let clock = SteppingClock(step: step)
            var dump = TestDump(logs: [plainLog(400)])
            dump.sizes = DumpSizes(frame: 200, file: 1 << 20)
            dump.now = { clock.now }
            try dump.run(calls: counter.calls(over: SimulatedDisk().calls))
            // Only the manifest comes into the folder by renaming.
            #expect(expected.contains(counter.names.count { $0 == "rename" }), "\(step)")
        }
    }

    @Test("counts in its manifest only what was flushed")
    func flush() throws {
        let disk = SimulatedDisk()
        let dump = TestDump(logs: [plainLog(20)])
        let writer = try dump.open(calls: disk.calls)
        var partition = try writer.openPartition(0)
        let chunks = dump.logs[0].chunks(from: 0, size: 3)
        try partition.append(chunks[0])
        let next = partition.nextOffset
        #expect(next == 3)
        #expect(writer.manifest.partitions[0].nextOffset == 0)
        try partition.flush()
        #expect(writer.manifest.partitions[0].nextOffset == 3)
        #expect(writer.manifest.partitions[0].files.map(\.messages) == [3])
        try partition.flush()
        #expect(writer.manifest.partitions[0].files.map { $0.frames?.frames.count } == [1])
        #expect(!writer.manifest.isDone)
    }

    @Test("describes itself in a manifest that a person can read")
    func manifest() throws {
        try withTemporaryFolder { folder throws in
            var dump = TestDump(logs: [plainLog(10)])
            dump.folder = folder
            let writer = try dump.open(calls: .live)
            var partition = try writer.openPartition(0)
            for chunk in dump.logs[0].chunks(from: 0, size: 5) {
                try partition.append(chunk)
                try partition.flush()
            }
            let frames = try #require(writer.manifest.partitions[0].files.first?.frames?.frames)
            var text = String(decoding: try contents(of: folder + "/manifest.json"), as: UTF8.self)
            #expect(frames.count == 2)
            let sizes = frames.map { "\($0.size)/\($0.textSize)" }.joined(separator: " ")
            #expect(text.contains("\"frames\" : \"\(sizes)\""))
            #expect(text.contains("\"articles@earliest..latest\""))
            try partition.finish()
            text = String(decoding: try contents(of: folder + "/manifest.json"), as: UTF8.self)
            #expect(text.contains("\"name\" : \"t-0-00000.jsonl.zst\""))
            #expect(text.contains("\"isComplete\" : true"))
            #expect(!text.contains("frames"))
        }
    }
}
