import Testing
import Zstd

/// A file in zstd's seekable format, read after the words of its specification.
struct SeekableFile {
    let bytes: [UInt8]
    /// Offset, length on disk and length of the text of every frame.
    let frames: [(offset: Int, size: Int, textSize: Int)]

    init(_ bytes: [UInt8]) throws {
        func number(_ offset: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        try #require(bytes.count >= 17)
        let footer = bytes.count - 9
        try #require(number(footer + 5) == 0x8F92_EAB1)
        try #require(bytes[footer + 4] == 0, "no checksums")
        let count = number(footer)
        let start = footer - 8 * count - 8
        try #require(start >= 0)
        try #require(number(start) == 0x184D_2A5E)
        try #require(number(start + 4) == 8 * count + 9)
        var offset = 0
        var frames: [(offset: Int, size: Int, textSize: Int)] = []
        for index in 0..<count {
            let size = number(start + 8 + 8 * index)
            frames.append((offset, size, number(start + 12 + 8 * index)))
            offset += size
        }
        try #require(offset == start, "the frames reach to the seek table")
        self.bytes = bytes
        self.frames = frames
    }

    /// Decompresses every frame alone and joins the texts.
    func textOfAllFrames() throws -> [UInt8] {
        try frames.flatMap { frame in
            var decompressor = try ZstdDecompressor()
            var text: [UInt8] = []
            var step = ZstdDecompressor.Step()
            let bytes = Array(bytes[frame.offset..<frame.offset + frame.size])
            try text.append(addingCapacity: frame.textSize + 1) { output throws(ZstdError) in
                step = try decompressor.step(bytes.span, into: &output)
            }
            #expect(step.endedFrame == .data && step.hadChecksum)
            #expect(step.consumed == frame.size)
            #expect(text.count == frame.textSize)
            return text
        }
    }
}
