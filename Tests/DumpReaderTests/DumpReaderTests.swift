import BackfillCore
import DumpReader
import TestSupport
import Testing
import Zstd

@Suite("DumpReader")
struct DumpReaderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func string(_ reading: Reading) -> String { String(decoding: reading.text, as: UTF8.self) }

    @Test("no files are no lines")
    func noFiles() {
        let reading = Reading([])
        #expect(reading.chunks.isEmpty)
        #expect(reading.error == nil)
        #expect(reading.position == .start(ofFile: 0))
    }

    @Test("an empty file and empty frames are no lines, and the reader goes past them")
    func empty() throws {
        let files = try [
            folder.write("a.jsonl", []),
            folder.write("b.zst", ZstdCompressor.frame([]) + ZstdCompressor.frame([])),
            folder.write("c.zst", RandomDump.skippableFrame(payload: [1])),
        ]
        let reading = try Reading(SourceCatalog.files(matching: files))
        #expect(reading.chunks.isEmpty)
        #expect(reading.error == nil)
        #expect(reading.position == .start(ofFile: 3))
    }

    @Test("blank lines, carriage returns and NUL bytes stay in the text", arguments: [true, false])
    func textIsKept(isCompressed: Bool) throws {
        let text = bytes("\n\n{\"a\":1}\r\n\0\n\n{}")
        let file = try isCompressed ? ZstdCompressor.frame(text) : text
        let reading = try Reading(folder.source("a", file))
        #expect(reading.text == text + bytes("\n"))
        #expect(reading.chunks.map(\.start) == [.start(ofFile: 0)])
        #expect(reading.chunks.map(\.end) == [.start(ofFile: 1)])
        #expect(reading.lines.map(\.number) == [1, 2, 3, 4, 5, 6])
    }

    @Test("the last line of every file gets the newline that it lacks, and no other")
    func lastNewline() throws {
        let files = try [
            folder.write("a", bytes("1")),
            folder.write("b", bytes("2\n")),
            folder.write("c", ZstdCompressor.frame(bytes("3"))),
            folder.write("d", ZstdCompressor.frame(bytes("4\n"))),
            folder.write("e", bytes("5\n6")),
        ]
        let reading = try Reading(SourceCatalog.files(matching: files))
        #expect(string(reading) == "1\n2\n3\n4\n5\n6\n")
        #expect(reading.chunks.map(\.start.file) == [0, 1, 2, 3, 4])
    }

    @Test("a line may reach over several frames, with empty and skippable ones between")
    func lineOverFrames() throws {
        let first = try ZstdCompressor.frame(bytes("one\ntw"))
        let rest = try [
            ZstdCompressor.frame([]), RandomDump.skippableFrame(payload: [9, 9]), ZstdCompressor.frame(bytes("o a")),
            ZstdCompressor.frame(bytes("nd a half\n")), ZstdCompressor.frame(bytes("three\n")),
        ]
        let sources = try folder.source("a.zst", first + rest.flatMap { $0 })
        let reading = Reading(sources, limits: DumpLimits(chunkSize: 1))
        #expect(string(reading) == "one\ntwo and a half\nthree\n")
        let lengths = rest.map(\.count)
        #expect(
            reading.chunks.map(\.start) == [
                .start(ofFile: 0),
                DumpPosition(file: 0, frame: 1, frameOffset: 0, textOffset: 4, line: 2),
                DumpPosition(
                    file: 0, frame: 5, frameOffset: first.count + lengths[..<4].reduce(0, +), textOffset: 0, line: 3),
            ])
    }

    @Test("zstd is known by its first bytes, whatever the file is called")
    func contentDecides() throws {
        let text = bytes("{\"id\":1}\n")
        #expect(try Reading(folder.source("a.jsonl", ZstdCompressor.frame(text))).text == text)
        let seekable = try RandomDump.skippableFrame(payload: []) + ZstdCompressor.frame(text)
        #expect(try Reading(folder.source("b.txt", seekable)).text == text)
        #expect(try Reading(folder.source("c.gz", text)).text == text)
    }

    @Test("a file named as zstd is not taken for text when its beginning is damaged or missing")
    func damagedBeginning() throws {
        let sources = try folder.source("a.jsonl.zst", bytes("no zstd\n"))
        #expect(
            Reading(sources).error == .damaged(path: sources[0].path, frame: 1, line: 1, fault: .foreignBytes))
        let none = try folder.source("b.zst", [])
        #expect(Reading(none).error == .damaged(path: none[0].path, frame: 1, line: 1, fault: .truncated))
    }

    @Test("chunks aim at their size and hold whole lines", arguments: [true, false])
    func chunkSize(isCompressed: Bool) throws {
        let text = (0..<1000).flatMap { bytes("{\"id\": \($0), \"name\": \"x\"}\n") }
        let file = try isCompressed ? ZstdCompressor.frame(text) : text
        let reading = try Reading(folder.source("a", file), limits: DumpLimits(chunkSize: 1024))
        #expect(reading.text == text)
        #expect(reading.chunks.dropLast().allSatisfy { (970...1024).contains($0.bytes.count) })
    }

    @Test(
        "a line as long as the limit is read, a longer one is an error that names it",
        arguments: [true, false], [true, false])
    func lineLimit(isCompressed: Bool, hasNewline: Bool) throws {
        let limits = DumpLimits(chunkSize: 64, maximumLineLength: 1000, verifiedFrameSize: 500)
        for (length, isAllowed) in [(1000, true), (1001, false)] {
            let text = bytes("a\nb\n") + [UInt8](repeating: 0x78, count: length) + (hasNewline ? bytes("\n") : [])
            let name = "\(length)"
            let sources = try folder.source(name, isCompressed ? ZstdCompressor.frame(text) : text)
            let reading = Reading(sources, limits: limits)
            if isAllowed {
                #expect(reading.error == nil)
                #expect(reading.text == text + (hasNewline ? [] : bytes("\n")))
            } else {
                #expect(reading.error == .lineTooLong(path: sources[0].path, frame: 1, line: 3, limit: 1000))
                #expect(string(reading) == "a\nb\n")
            }
        }
    }

    @Test("a small file with a huge text without lines stops at the line limit")
    func bomb() throws {
        let frame = try ZstdCompressor.frame([UInt8](repeating: 0, count: 64 << 20))
        #expect(frame.count < 10_000)
        let sources = try folder.source("bomb", frame)
        let reading = Reading(sources, limits: DumpLimits(maximumLineLength: 3 << 20))
        #expect(reading.error == .lineTooLong(path: sources[0].path, frame: 1, line: 1, limit: 3 << 20))
        #expect(reading.chunks.isEmpty)
    }

    @Test("a frame with a window of 2 GiB is read, one with a larger window is an error")
    func longWindow() throws {
        func frame(windowLog: UInt8) -> [UInt8] {
            [0x28, 0xB5, 0x2F, 0xFD, 0, (windowLog - 10) << 3, 2 << 3 | 1, 0, 0] + bytes("1\n")
        }
        #expect(try string(Reading(folder.source("a", frame(windowLog: 31)))) == "1\n")
        let sources = try folder.source("b", frame(windowLog: 32))
        let fault = DumpFault.unsupported("Frame requires too much memory for decoding")
        #expect(Reading(sources).error == .damaged(path: sources[0].path, frame: 1, line: 1, fault: fault))
    }

    @Test("as a source of records it gives the same chunks, each with the position before it, and then the end")
    func recordSource() async throws {
        let text = (0..<100).flatMap { bytes("{\"id\": \($0)}\n") }
        let files = try [folder.write("a", text), folder.write("b", ZstdCompressor.frame(text)), folder.write("c", [])]
        let sources = try SourceCatalog.files(matching: files)
        let limits = DumpLimits(chunkSize: 100)
        func read(_ source: consuming some RecordSource & ~Copyable) async throws -> [LineChunk] {
            var chunks: [LineChunk] = []
            while true {
                let position = source.position
                switch try await source.next() {
                case .chunk(.lines(let chunk)):
                    #expect(position == .line(chunk.start))
                    chunks.append(chunk)
                case .chunk(.messages), .idle:
                    Issue.record("a file has neither messages nor pauses")
                case .end:
                    let end = source.position
                    #expect(end == .line(.start(ofFile: 3)))
                    return chunks
                }
            }
        }
        let chunks = try await read(DumpReader(files: sources, limits: limits))
        let expected = Reading(sources, limits: limits).chunks
        #expect(chunks.map(\.bytes) == expected.map(\.bytes))
        #expect(chunks.map(\.end) == expected.map(\.end))
    }

    @Test("thousands of frames are joined to chunks of the size asked for")
    func manyFrames() throws {
        var text: [UInt8] = []
        var file: [UInt8] = []
        for number in 0..<5000 {
            let line = bytes("{\"id\":\(number)}\n")
            text += line
            file += try ZstdCompressor.frame(line, level: 1)
        }
        let reading = try Reading(folder.source("a", file), limits: DumpLimits(chunkSize: 10_000))
        #expect(reading.text == text)
        #expect(reading.chunks.count == text.count / 10_000 + 1)
        #expect(reading.chunks.last?.start.textOffset == 0)
    }

    @Test("a frame larger than the limit is delivered while it is read, a smaller one when it has ended")
    func heldBack() throws {
        let text = (0..<2000).flatMap { bytes("{\"id\": \($0)}\n") }
        var file = try ZstdCompressor.frame(text)
        file[file.count - 1] ^= 1
        let sources = try folder.source("a", file)
        let words = "Restored data doesn't match checksum"

        let held = Reading(sources, limits: DumpLimits(chunkSize: 500, verifiedFrameSize: text.count))
        #expect(held.chunks.isEmpty)
        #expect(held.error == .damaged(path: sources[0].path, frame: 1, line: 1, fault: .wrongChecksum(words)))

        let streamed = Reading(sources, limits: DumpLimits(chunkSize: 500, verifiedFrameSize: text.count / 2))
        #expect(streamed.chunks.count > 10)
        #expect(text.starts(with: streamed.text))
        let line = streamed.lines.count + 1
        #expect(
            streamed.error
                == .damagedAfterDelivery(
                    path: sources[0].path, frame: 1, firstUnchecked: 1, line: line, fault: .wrongChecksum(words)))
        #expect(streamed.position.line == line)
    }

    @Test("rows of doubt begin where the frame does, for a resumed reader too", arguments: [16, 5000])
    func firstUnchecked(chunkSize: Int) throws {
        let before = (1...10).flatMap { bytes("line \($0)\n") } + bytes("line ")
        let large = bytes("11\n") + (12...1500).flatMap { bytes("line \($0)\n") }
        var file = try ZstdCompressor.frame(before) + ZstdCompressor.frame(large)
        file[file.count - 1] ^= 1
        let sources = try folder.source("a", file)
        let limits = DumpLimits(chunkSize: chunkSize, verifiedFrameSize: 1000)
        var positions: [DumpPosition] = []
        for from in [.start(ofFile: 0)] + Reading(sources, limits: limits).chunks.dropLast().map(\.end) {
            let reading = Reading(sources, from: from, limits: limits)
            guard case .damagedAfterDelivery(_, let frame, let firstUnchecked, let line, _) = reading.error else {
                Issue.record("\(String(describing: reading.error)) from \(from)")
                continue
            }
            #expect(frame == 2)
            #expect(firstUnchecked == 11)
            #expect(line == (reading.lines.last?.number ?? 0) + 1)
            positions.append(from)
        }
        #expect(chunkSize == 5000 || positions.contains { $0.textOffset > 1000 })
    }

    @Test("frames that are right are delivered before the error of one that is not", arguments: [1, 20, 1 << 20])
    func linesBeforeFault(chunkSize: Int) throws {
        let good = try ZstdCompressor.frame(bytes("1\n2\n3")) + ZstdCompressor.frame(bytes("3\n4\nbeginning of 5"))
        var bad = try ZstdCompressor.frame(bytes("\n6\n7\n"))
        bad[bad.count - 1] ^= 1
        let sources = try folder.source("a", good + bad + ZstdCompressor.frame(bytes("8\n")))
        let reading = Reading(sources, limits: DumpLimits(chunkSize: chunkSize))
        #expect(string(reading) == "1\n2\n33\n4\n")
        let words = "Restored data doesn't match checksum"
        #expect(reading.error == .damaged(path: sources[0].path, frame: 3, line: 5, fault: .wrongChecksum(words)))
        #expect(reading.chunks.last?.end.line == 5)
        #expect(reading.chunks.last?.end.frame == 2)
        #expect(reading.position == reading.chunks.last?.end)
    }

    @Test("a reader that failed says the same again")
    func failsAgain() throws {
        let sources = try folder.source("a.zst", bytes("garbage"))
        var reader = DumpReader(files: sources)
        for _ in 0..<3 {
            do {
                let chunk = try reader.nextChunk()
                Issue.record("\(String(describing: chunk))")
            } catch {
                #expect(error == .damaged(path: sources[0].path, frame: 1, line: 1, fault: .foreignBytes))
            }
        }
    }

    @Test("bytes behind the last frame are an error, after all lines", arguments: ["\n", "{}", "garbage at the end"])
    func trailingBytes(garbage: String) throws {
        let sources = try folder.source("a", ZstdCompressor.frame(bytes("1\n2\n")) + bytes(garbage))
        let reading = Reading(sources)
        #expect(string(reading) == "1\n2\n")
        #expect(reading.error == .damaged(path: sources[0].path, frame: 2, line: 3, fault: .foreignBytes))
        let again = Reading(sources, from: reading.position)
        #expect(again.chunks.isEmpty)
        #expect(again.error == reading.error)
    }

    @Test(
        "a place where no line can begin is an error",
        arguments: [
            DumpPosition(file: 0, frame: 1, frameOffset: 0, textOffset: 2, line: 2),
            DumpPosition(file: 0, frame: 1, frameOffset: 0, textOffset: 400, line: 2),
            DumpPosition(file: 0, frame: 1, frameOffset: 0, textOffset: -1, line: 2),
            DumpPosition(file: 0, frame: 0, frameOffset: 0, textOffset: 0, line: 2),
            DumpPosition(file: 0, frame: 2, frameOffset: 4000, textOffset: 0, line: 2),
            DumpPosition(file: 0, frame: 2, frameOffset: -4, textOffset: 0, line: 2),
            DumpPosition(file: 2, frame: 1, frameOffset: 0, textOffset: 0, line: 1),
            DumpPosition(file: -1, frame: 1, frameOffset: 0, textOffset: 0, line: 1),
        ])
    func noSuchPosition(position: DumpPosition) throws {
        for (name, file) in [("a", bytes("11\n22\n")), ("b", try ZstdCompressor.frame(bytes("11\n22\n")))] {
            let sources = try folder.source(name, file)
            let reading = Reading(sources, from: position)
            #expect(reading.chunks.isEmpty)
            let path = (0..<1).contains(position.file) ? sources[0].path : "The source"
            #expect(reading.error == .noSuchPosition(path: path, position: position), "\(name)")
        }
    }

    @Test("a file that vanished is an error with the system's word for it")
    func vanished() throws {
        let files = try [folder.write("a", bytes("1\n")), folder.write("b", bytes("2\n"))]
        let sources = try SourceCatalog.files(matching: files)
        try folder.remove("b")
        let reading = Reading(sources)
        #expect(string(reading) == "1\n")
        #expect(reading.error == .system(path: files[1], operation: .open, code: 2))
        #expect(
            reading.error?.description
                == "\(files[1]) cannot be opened (No such file or directory): mend that and run the job again.")
    }

    @Test("a file that was replaced after it was listed is an error before a line is read")
    func replaced() throws {
        let sources = try folder.source("a", bytes("1\n2\n"))
        for other in ["1\n3\n", "1\n2\n3\n"] {
            try folder.write("a", bytes(other))
            let reading = Reading(sources)
            #expect(reading.chunks.isEmpty)
            #expect(reading.error == .changed(path: sources[0].path))
        }
    }

    @Test("a file that grows or shrinks while it is read is an error", arguments: [true, false], [1, -1])
    func changesSize(isCompressed: Bool, change: Int) throws {
        var generator = SeededGenerator(seed: 7)
        let text = (0..<300_000).flatMap { _ in bytes("\(UInt64.random(in: 0...UInt64.max, using: &generator))\n") }
        let file = try isCompressed ? ZstdCompressor.frame(text, level: 1) : text
        let sources = try folder.source("a", file)
        var reader = DumpReader(files: sources, limits: DumpLimits(chunkSize: 10_000, verifiedFrameSize: 0))
        var read = try #require(try reader.nextChunk()?.bytes)
        try folder.resize("a", to: file.count + change)
        do {
            while let chunk = try reader.nextChunk() { read += chunk.bytes }
            Issue.record("no error")
        } catch {
            #expect(error == .changed(path: sources[0].path))
        }
        #expect(text.starts(with: read))
        #expect(read.count > text.count - 1_000_000)
    }
}
