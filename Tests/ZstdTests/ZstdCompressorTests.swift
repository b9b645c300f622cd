import Testing
import Zstd

@Suite("ZstdCompressor")
struct ZstdCompressorTests {
    @Test("a frame gives back what was compressed", arguments: [0, 1, 100, 300_000], [Int32(1), 3, 19])
    func roundTrip(size: Int, level: Int32) throws {
        let text = Samples.text(bytes: size)
        let frame = try ZstdCompressor.frame(text, level: level)
        #expect(try Samples.decompress(frame) == Samples.Outcome(text: text, frames: [.data]))
    }

    @Test("a frame states its size and a checksum")
    func header() throws {
        let frame = try ZstdCompressor.frame([UInt8](repeating: 7, count: 200))
        let descriptor = frame[4]
        #expect(descriptor & 0b100 != 0, "checksum flag")
        #expect(descriptor & 0b10_0000 != 0, "single segment: the size is stated in one byte at least")
        #expect(frame[5] == 200)
    }

    @Test("frames of one compressor follow one another and are those of compressors of their own")
    func manyFrames() throws {
        var compressor = try ZstdCompressor()
        var output = Samples.text(bytes: 3)
        var (expected, text): ([UInt8], [UInt8]) = (output, [])
        for size in [0, 5, 100_000, 1, 70_000, 0] {
            let piece = Samples.text(bytes: size)
            try compressor.appendFrame(of: piece.span, to: &output)
            expected += try ZstdCompressor.frame(piece)
            text += piece
        }
        #expect(output == expected)
        #expect(try Samples.decompress(Array(output[3...])).text == text)
    }

    @Test("levels beyond the range are brought into it", arguments: [Int32.min, -1000, 1000, Int32.max])
    func extremeLevels(level: Int32) throws {
        let text = Samples.text(bytes: 1000)
        #expect(try Samples.decompress(ZstdCompressor.frame(text, level: level)).text == text)
    }
}
