import BackfillCore
import TestSupport
import Testing

@Suite("The elements of an array")
struct ArrayElementsTests {
    @Test("come back as they were written", arguments: UInt64(1)...10)
    func roundTrip(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let integers = (0..<50).map { _ in Int64.random(in: .min...(.max), using: &random) } + [0, -1, .min, .max]
        let doubles = (0..<50).map { _ in Double(bitPattern: UInt64.random(in: 0...(.max), using: &random)) }
        let floats = (0..<50).map { _ in Float(bitPattern: UInt32.random(in: 0...(.max), using: &random)) }
        let texts = (0..<50).map { _ in String(repeating: "é", count: random.number(0...200)) }
        var bytes: [UInt8] = []
        for index in 0..<50 {
            ArrayElements.append(integers[index], to: &bytes)
            ArrayElements.append(doubles[index], to: &bytes)
            ArrayElements.append(floats[index], to: &bytes)
            let mark = ArrayElements.openText(in: &bytes)
            bytes.append(contentsOf: texts[index].utf8)
            ArrayElements.closeText(from: mark, in: &bytes)
        }
        var position = 0
        for index in 0..<50 {
            #expect(Int64(bitPattern: ArrayElements.read(UInt64.self, from: bytes, at: &position)) == integers[index])
            #expect(ArrayElements.read(UInt64.self, from: bytes, at: &position) == doubles[index].bitPattern)
            #expect(ArrayElements.read(UInt32.self, from: bytes, at: &position) == floats[index].bitPattern)
            let length = Int(ArrayElements.read(UInt32.self, from: bytes, at: &position))
            #expect(String(decoding: bytes[position..<position + length], as: UTF8.self) == texts[index])
            position += length
        }
        #expect(position == bytes.count)
    }

    @Test("lie in the bytes in little-endian order")
    func layout() {
        var bytes: [UInt8] = []
        ArrayElements.append(Int64(0x0102_0304_0506_0708), to: &bytes)
        ArrayElements.append(Int64(-2), to: &bytes)
        ArrayElements.append(Float(1), to: &bytes)
        ArrayElements.append(1.0, to: &bytes)
        let mark = ArrayElements.openText(in: &bytes)
        bytes.append(contentsOf: [UInt8](repeating: 0x41, count: 258))
        ArrayElements.closeText(from: mark, in: &bytes)
        #expect(
            bytes.prefix(32) == [
                8, 7, 6, 5, 4, 3, 2, 1, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0x80, 0x3F, 0, 0, 0, 0, 0,
                0,
                0xF0, 0x3F, 2, 1, 0, 0,
            ])
        var position = 0
        #expect(ArrayElements.read(Int64.self, from: bytes, at: &position) == 0x0102_0304_0506_0708)
        #expect(ArrayElements.read(Int64.self, from: bytes, at: &position) == -2)
    }
}
