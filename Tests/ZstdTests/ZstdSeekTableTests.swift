import Testing
import Zstd

@Suite("ZstdSeekTable")
struct ZstdSeekTableTests {
    @Test("has the layout of the seekable format")
    func layout() {
        let table = ZstdSeekTable(frames: [.init(size: 0x0403_0201, textSize: 7), .init(size: 5, textSize: .max)])
        #expect(
            table.bytes == [
                0x5E, 0x2A, 0x4D, 0x18, 25, 0, 0, 0,
                1, 2, 3, 4, 7, 0, 0, 0,
                5, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
                2, 0, 0, 0, 0, 0xB1, 0xEA, 0x92, 0x8F,
            ])
        #expect(ZstdSeekTable().bytes == [0x5E, 0x2A, 0x4D, 0x18, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0xB1, 0xEA, 0x92, 0x8F])
    }

    @Test("is passed over by a reader that does not know it")
    func skippable() throws {
        let text = Samples.text(bytes: 1000)
        let frame = try ZstdCompressor.frame(text)
        let table = ZstdSeekTable(frames: [.init(size: UInt32(frame.count), textSize: 1000)])
        #expect(
            try Samples.decompress(frame + table.bytes) == Samples.Outcome(text: text, frames: [.data, .skippable]))
    }
}
