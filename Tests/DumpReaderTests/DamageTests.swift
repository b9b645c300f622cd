import BackfillCore
import DumpReader
import TestSupport
import Testing
import Zstd

/// Every damage to a file leads to an error or to the right lines, never to a wrong one.
@Suite("DumpReader on damaged dumps")
struct DamageTests {
    private struct Sample {
        var bytes: [UInt8]
        var lines: [Line]
    }

    private static let limits = [
        DumpLimits(chunkSize: 8), DumpLimits(chunkSize: 100), DumpLimits(),
    ]

    /// Frames of several shapes: compressed, raw and run-length blocks; cut lines; an empty and two skippable frames.
    private static func sample() throws -> Sample {
        let vectors = (1...12).map { "{\"id\":\($0),\"v\":[0.\($0 * 7919),-0.\($0 * 104_729)]}\n" }.joined()
        let pieces = [
            vectors, "{\"id\":13,\"text\":\"", String(repeating: "x", count: 300), "\"}\n{\"id\":14}\n", "",
            "{\"id\":15}\n{\"id\":1", "6}\n\n{\"id\":18}",
        ]
        var bytes: [UInt8] = []
        for (index, piece) in pieces.enumerated() {
            if index % 3 == 1 { bytes += RandomDump.skippableFrame(payload: [1, 2, 3]) }
            bytes += try ZstdCompressor.frame(Array(piece.utf8))
        }
        let lines = pieces.joined().split(separator: "\n", omittingEmptySubsequences: false).enumerated().map {
            Line(file: 0, number: $0.offset + 1, text: Array($0.element.utf8))
        }
        return Sample(bytes: bytes, lines: lines)
    }

    private static func check(
        _ reading: Reading,
        against lines: [Line],
        _ comment: @autoclosure () -> Comment
    ) {
        let read = reading.lines
        #expect(read.elementsEqual(lines.prefix(read.count)), comment())
        if let error = reading.error {
            #expect(read.count < lines.count || isAboutTheRest(error), comment())
            #expect(reading.position.line == read.count + 1, comment())
        } else {
            #expect(read.count == lines.count, comment())
        }
    }

    /// Damage behind the last line may be an error although every line is there.
    private static func isAboutTheRest(_ error: DumpError) -> Bool {
        if case .damaged = error { return true }
        return false
    }

    @Test("flipping bits of any one byte", arguments: [UInt8(0x01), 0x80, 0xFF, 0x10])
    func flips(mask: UInt8) throws {
        let sample = try Self.sample()
        let folder = try TemporaryFolder()
        var harmless = 0
        for index in sample.bytes.indices {
            var bytes = sample.bytes
            bytes[index] ^= mask
            let sources = try folder.source("flipped.zst", bytes)
            for limits in Self.limits {
                let reading = Reading(sources, limits: limits)
                Self.check(reading, against: sample.lines, "byte \(index) ^ \(mask), \(limits)")
                if reading.error == nil { harmless += 1 }
            }
        }
        #expect(harmless < sample.bytes.count / 5)
    }

    @Test("cutting the file off at any byte")
    func truncations() throws {
        let sample = try Self.sample()
        let folder = try TemporaryFolder()
        var ends = 0
        for length in 0..<sample.bytes.count {
            let sources = try folder.source("cut.zst", Array(sample.bytes[..<length]))
            for limits in Self.limits {
                let reading = Reading(sources, limits: limits)
                // A cut between two frames leaves a whole file, whose last line may be the beginning of one.
                if reading.error == nil {
                    ends += 1
                    let all = sample.lines.flatMap { $0.text + [UInt8(ascii: "\n")] }
                    #expect(all.starts(with: reading.text.dropLast()), "\(length) bytes, \(limits)")
                } else {
                    Self.check(reading, against: sample.lines, "\(length) bytes, \(limits)")
                    guard case .damaged(_, _, _, .truncated) = reading.error else {
                        Issue.record("\(String(describing: reading.error)) at \(length) bytes")
                        continue
                    }
                }
            }
        }
        #expect(ends == 8 * Self.limits.count)
    }

    @Test("flips and cuts in frames that are delivered while they are read never crash the reader")
    func streamedDamage() throws {
        let sample = try Self.sample()
        let folder = try TemporaryFolder()
        for index in sample.bytes.indices {
            var flipped = sample.bytes
            flipped[index] ^= 0x20
            for bytes in [flipped, Array(sample.bytes[..<index])] {
                let sources = try folder.source("a.zst", bytes)
                let reading = Reading(sources, limits: DumpLimits(chunkSize: 30, verifiedFrameSize: 0))
                if case .damagedAfterDelivery(_, _, let firstUnchecked, let line, _) = reading.error {
                    let checked = reading.lines.prefix { $0.number < firstUnchecked }
                    #expect(checked.elementsEqual(sample.lines.prefix(firstUnchecked - 1)))
                    #expect(line == reading.lines.count + 1)
                }
            }
        }
    }

    @Test("a checksum that a damaged header hides still keeps the frame's lines back")
    func hiddenChecksum() throws {
        let good = try ZstdCompressor.frame(Array("1\n".utf8))
        var bad = try ZstdCompressor.frame(Array("22\n".utf8))
        bad[4] ^= 0b100
        bad[bad.count - 5] ^= 1
        let folder = try TemporaryFolder()
        for rest in [[], good] {
            let sources = try folder.source("a", good + bad + rest)
            let reading = Reading(sources)
            #expect(reading.text == Array("1\n".utf8))
            #expect(reading.error == .damaged(path: sources[0].path, frame: 2, line: 2, fault: .foreignBytes))
        }
    }

    @Test("frames without checksums are read", arguments: [0, 32 << 20])
    func noChecksum(verifiedFrameSize: Int) throws {
        func frame(_ text: String) -> [UInt8] {
            [0x28, 0xB5, 0x2F, 0xFD, 0, 0, UInt8(text.utf8.count) << 3 | 1, 0, 0] + Array(text.utf8)
        }
        let folder = try TemporaryFolder()
        let sources = try folder.source("a", frame("1\n2") + frame("3\n") + frame("") + frame("4\n"))
        let limits = DumpLimits(chunkSize: 1, verifiedFrameSize: verifiedFrameSize)
        let reading = Reading(sources, limits: limits)
        #expect(reading.error == nil)
        #expect(reading.text == Array("1\n23\n4\n".utf8))
        for chunk in reading.chunks {
            let rest = Reading(sources, from: chunk.end, limits: limits).lines
            #expect(rest == reading.lines.filter { chunk.end.file == 0 && $0.number >= chunk.end.line })
        }
    }

    @Test("random damage to random dumps", arguments: UInt64(5000)..<5100)
    func randomDamage(seed: UInt64) throws {
        let dump = try RandomDump(seed: seed)
        var generator = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        guard let file = dump.files.first, file.name.hasSuffix(".zst"), !file.bytes.isEmpty else { return }
        let lines = dump.lines.filter { $0.file == 0 }
        for _ in 0..<20 {
            var bytes = file.bytes
            var damage: [Int: UInt8] = [:]
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: bytes.indices, using: &generator)
                // A wrong length that happens to lead to the beginning of a later frame cannot be noticed.
                guard !file.unprotected.contains(index) else { continue }
                let mask = UInt8.random(in: 1...255, using: &generator)
                bytes[index] ^= mask
                damage[index, default: 0] ^= mask
            }
            let path = try folder.write(file.name, bytes)
            let sources: [CheckpointDocument.SourceFile]
            do {
                sources = try SourceCatalog.files(matching: [path])
            } catch {
                // The magic number turned into one of another format.
                #expect(error == .foreignCompression(path: path, format: "zstd before version 0.8"))
                continue
            }
            let read = Reading(sources, limits: DumpLimits(chunkSize: 64)).lines
            #expect(read.elementsEqual(lines.prefix(read.count)), "bytes flipped: \(damage)")
        }
    }

    @Test("every fault is told in one sentence with the file, the frame and the line")
    func descriptions() {
        let truncated = DumpError.damaged(path: "/d/a.zst", frame: 3, line: 120, fault: .truncated)
        #expect(
            truncated.description
                == "/d/a.zst is cut off in frame 3, where reading stopped before line 120: the lines before it are"
                + " loaded; put an intact copy in its place and begin anew with --restart.")
        let late = DumpError.damagedAfterDelivery(
            path: "/d/a.zst", frame: 3, firstUnchecked: 100, line: 120, fault: .wrongChecksum("words"))
        #expect(late.description.contains("fails its checksum (words) in frame 3"))
        #expect(late.description.contains("the rows from line 100 on may be wrong"))
        let first = DumpError.damaged(path: "/d/a.zst", frame: 1, line: 1, fault: .truncated)
        #expect(first.description.contains("before line 1: nothing of it is loaded; put"))
        #expect(truncated.exitStatus == .failed)
        #expect(DumpError.notAFile(path: "/d").exitStatus == .badJobFile)
    }
}
