import Zstd

enum Samples {
    struct Outcome: Equatable {
        var text: [UInt8] = []
        var frames: [ZstdFrameKind] = []
        var isInsideFrame = false
    }

    static func text(bytes count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13 & 31) &+ 64 }
    }

    static func skippableFrame(variant: UInt8 = 0, payload: [UInt8]) -> [UInt8] {
        let size = UInt32(payload.count)
        let length = (0..<4).map { UInt8(truncatingIfNeeded: size >> ($0 * 8)) }
        return [0x50 | variant, 0x2A, 0x4D, 0x18] + length + payload
    }

    /// A frame of one raw block, without checksum and size.
    static func rawFrame(_ text: [UInt8], windowLog: UInt8, dictionary: UInt8? = nil) -> [UInt8] {
        let header = UInt32(text.count) << 3 | 1
        return [0x28, 0xB5, 0x2F, 0xFD, dictionary == nil ? 0 : 1, (windowLog - 10) << 3]
            + (dictionary.map { [$0] } ?? [])
            + (0..<3).map { UInt8(truncatingIfNeeded: header >> ($0 * 8)) } + text
    }

    /// Decompresses `bytes`, given in pieces of `inputStep` bytes, into room for `outputStep` bytes at a time.
    static func decompress(
        _ bytes: [UInt8],
        inputStep: Int = 1 << 20,
        outputStep: Int = 1 << 20
    ) throws(ZstdError) -> Outcome {
        var decompressor = try ZstdDecompressor()
        var outcome = Outcome()
        var offset = 0
        while true {
            let end = min(offset + inputStep, bytes.count)
            var step = ZstdDecompressor.Step()
            try outcome.text.append(addingCapacity: outputStep) { output throws(ZstdError) in
                step = try decompressor.step(bytes.span.extracting(offset..<end), into: &output)
            }
            offset += step.consumed
            if let kind = step.endedFrame { outcome.frames.append(kind) }
            if offset == bytes.count, step.produced < outputStep {
                outcome.isInsideFrame = decompressor.isInsideFrame
                return outcome
            }
        }
    }
}
