import BackfillCore
import DumpReader
import Testing

@Suite("DumpReader on random dumps")
struct RandomDumpTests {
    private static let everyLimit = [
        DumpLimits(chunkSize: 1, verifiedFrameSize: 0),
        DumpLimits(chunkSize: 16, verifiedFrameSize: 100),
        DumpLimits(chunkSize: 100, verifiedFrameSize: 1000),
        DumpLimits(chunkSize: 300, maximumLineLength: 402),
        DumpLimits(),
    ]

    @Test("chunks hold exactly the lines of the files, and join without gaps", arguments: UInt64(0)..<150)
    func layout(seed: UInt64) throws {
        let dump = try RandomDump(seed: seed)
        let folder = try TemporaryFolder()
        let sources = try SourceCatalog.files(matching: dump.files.map { try folder.write($0.name, $0.bytes) })
        for limits in Self.everyLimit {
            let reading = Reading(sources, limits: limits)
            #expect(reading.error == nil)
            #expect(reading.lines == dump.lines, "\(limits)")
            #expect(reading.position == .start(ofFile: sources.count))
            for chunk in reading.chunks {
                #expect(chunk.bytes.last == UInt8(ascii: "\n"))
                #expect(chunk.bytes.capacity <= 2 * chunk.bytes.count + 64)
                let longest = chunk.lines.map { $0.text.count + 1 }.max() ?? 0
                let isWithinSize = chunk.bytes.count <= limits.chunkSize
                #expect(isWithinSize || chunk.bytes.count <= longest + limits.chunkSize, "\(limits)")
            }
            for (chunk, next) in zip(reading.chunks, reading.chunks.dropFirst()) {
                #expect(chunk.end == next.start || next.start.file > chunk.start.file, "\(limits)")
            }
            for (index, source) in sources.enumerated() {
                let chunks = reading.chunks.filter { $0.start.file == index }
                guard let first = chunks.first, let last = chunks.last else { continue }
                #expect(first.start.textOffset == 0)
                #expect(first.start.line == 1)
                #expect(last.end == .start(ofFile: index + 1))
                #expect(chunks.map(\.bytesOnDisk).reduce(0, +) == source.size, "\(limits)")
            }
        }
    }

    @Test("reading on from any chunk's end gives exactly the remaining lines", arguments: UInt64(1000)..<1060)
    func resume(seed: UInt64) throws {
        let dump = try RandomDump(seed: seed)
        let folder = try TemporaryFolder()
        let sources = try SourceCatalog.files(matching: dump.files.map { try folder.write($0.name, $0.bytes) })
        for (index, limits) in Self.everyLimit.enumerated() {
            let reading = Reading(sources, limits: limits)
            var read = 0
            for chunk in reading.chunks {
                read += chunk.lines.count
                for other in [limits, Self.everyLimit[(index + 1) % Self.everyLimit.count]] {
                    let rest = Reading(sources, from: chunk.end, limits: other)
                    #expect(rest.error == nil)
                    #expect(rest.lines == Array(dump.lines[read...]), "\(limits), then \(other), from \(chunk.end)")
                    #expect(rest.position == .start(ofFile: sources.count))
                }
            }
        }
    }

    @Test("a position names the frame and the bytes before it", arguments: UInt64(2000)..<2050)
    func positions(seed: UInt64) throws {
        let dump = try RandomDump(seed: seed)
        let folder = try TemporaryFolder()
        let sources = try SourceCatalog.files(matching: dump.files.map { try folder.write($0.name, $0.bytes) })
        for chunk in Reading(sources, limits: DumpLimits(chunkSize: 1)).chunks {
            let file = dump.files[chunk.start.file]
            if file.frames == 0 {
                #expect(chunk.start.frame == 1)
                #expect(chunk.start.frameOffset == 0)
                let before = dump.lines.filter { $0.file == chunk.start.file && $0.number < chunk.start.line }
                #expect(chunk.start.textOffset == before.map { $0.text.count + 1 }.reduce(0, +))
            } else {
                #expect((1...file.frames).contains(chunk.start.frame))
                let magic = file.bytes[chunk.start.frameOffset...].prefix(4)
                #expect(Array(magic) == [0x28, 0xB5, 0x2F, 0xFD] || Array(magic) == [0x5E, 0x2A, 0x4D, 0x18])
            }
        }
    }
}
