import BackfillCore
import Checkpoints
import DumpWriter
import TestSupport
import Testing

/// A dump of sample logs to one folder, begun and resumed as often as a test likes.
struct TestDump {
    var folder = "/d/dump"
    var logs: [SampleLog]
    var source = CheckpointDocument.Source.kafka(cluster: "c", ranges: ["articles@earliest..latest"])
    var sizes = DumpSizes(frame: 300, file: 700)
    /// Offsets of a chunk.
    var chunkSize = 3
    var now: @Sendable () -> ContinuousClock.Instant = { .now }

    /// Opens the folder, whatever stands in it.
    func open(calls: FileSystemCalls) throws(DumpWriteError) -> DumpWriter {
        let directory = try DumpDirectory(path: folder, startedAt: "2026-01-01T00:00:00Z", calls: calls)
        if directory.manifest == nil {
            return try directory.create(source: source, partitions: logs.map(\.partition), sizes: sizes, now: now)
        }
        return try directory.resume(source: source, sizes: sizes, now: now)
    }

    /// Dumps what is not dumped yet.
    ///
    /// - Parameter flushes: Whether the partitions are flushed after every second chunk, as stopped runs would do.
    func run(calls: FileSystemCalls, flushes: Bool = false) throws(DumpWriteError) {
        let writer = try open(calls: calls)
        for (index, partition) in writer.manifest.partitions.enumerated() where !partition.isDone {
            var dump = try writer.openPartition(index)
            for (number, chunk) in logs[index].chunks(from: dump.nextOffset, size: chunkSize).enumerated() {
                try dump.append(chunk)
                if flushes, !number.isMultiple(of: 2) { try dump.flush() }
            }
            try dump.finish()
        }
    }

    /// The manifest in the folder.
    func manifest(calls: FileSystemCalls) throws -> DumpManifest {
        try #require(try SealedFile<DumpManifest>(path: folder + "/manifest.json", calls: calls).load())
    }

    /// Expects that the folder holds the whole dump and nothing of it twice.
    func check(calls: FileSystemCalls, _ comment: Comment? = nil) throws {
        let manifest = try manifest(calls: calls)
        #expect(manifest.isDone, comment)
        #expect(manifest.source == source, comment)
        try #require(manifest.partitions.count == logs.count, comment)
        for (partition, log) in zip(manifest.partitions, logs) {
            #expect(partition.topic == log.topic && partition.number == log.number, comment)
            #expect(partition.ranges == log.ranges, comment)
            #expect(log.slots.allSatisfy { $0.offset < partition.nextOffset }, comment)
            #expect(partition.messages == log.messages.count, comment)
            #expect(partition.absent == log.absent, comment)
            #expect(partition.gaps.flatMap { Array($0.start..<$0.end) } == log.lost, comment)
            var text: [UInt8] = []
            var messages = log.messages[...]
            for (number, file) in partition.files.enumerated() {
                let digits = "0000\(number)".suffix(5)
                #expect(file.name == "\(log.topic)-\(log.number)-\(digits).jsonl.zst", comment)
                #expect(file.isComplete && file.frames == nil, comment)
                let bytes = try #require(
                    try AtomicFile(path: folder + "/" + file.name, calls: calls).read(), comment)
                #expect(bytes.count == file.bytes, comment)
                let fileText = try SeekableFile(bytes).textOfAllFrames()
                #expect(fileText.count == file.textBytes, comment)
                #expect(fileText.count { $0 == UInt8(ascii: "\n") } == file.messages, comment)
                #expect(messages.first == file.firstOffset, comment)
                #expect(messages.prefix(file.messages).allSatisfy { $0 < file.nextOffset }, comment)
                messages = messages.dropFirst(file.messages)
                #expect(messages.allSatisfy { $0 >= file.nextOffset }, comment)
                text += fileText
            }
            #expect(messages.isEmpty, comment)
            #expect(text == log.text, comment)
        }
    }
}
