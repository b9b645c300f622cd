import Testing
import Zstd

@Suite("ZstdDecompressor")
struct ZstdDecompressorTests {
    @Test(
        "any sizes of input and output steps give the same text and frames",
        arguments: [1, 2, 3, 7, 100, 1 << 20], [1, 3, 1000, 1 << 20])
    func steps(inputStep: Int, outputStep: Int) throws {
        let texts = [Samples.text(bytes: 5000), [], Samples.text(bytes: 1), Samples.text(bytes: 700)]
        var bytes = Samples.skippableFrame(payload: [])
        for (index, text) in texts.enumerated() {
            bytes += try ZstdCompressor.frame(text)
            bytes += Samples.skippableFrame(variant: UInt8(index), payload: Samples.text(bytes: index * 5))
        }
        let outcome = try Samples.decompress(bytes, inputStep: inputStep, outputStep: outputStep)
        #expect(outcome.text == texts.flatMap { $0 })
        #expect(
            outcome.frames
                == [.skippable, .data, .skippable, .data, .skippable, .data, .skippable, .data, .skippable])
        #expect(!outcome.isInsideFrame)
    }

    @Test("a frame that is cut off anywhere does not end", arguments: 1..<40)
    func cutOff(length: Int) throws {
        let frame = try ZstdCompressor.frame(Samples.text(bytes: 30))
        let length = min(length, frame.count - 1)
        let outcome = try Samples.decompress(Array(frame[..<length]))
        #expect(outcome.frames.isEmpty)
        #expect(outcome.isInsideFrame)
    }

    @Test("no input between frames is no frame")
    func nothing() throws {
        #expect(try Samples.decompress([]) == Samples.Outcome())
    }

    @Test("a wrong checksum is told apart from corruption")
    func wrongChecksum() throws {
        var frame = try ZstdCompressor.frame(Samples.text(bytes: 3000))
        frame[frame.count - 1] ^= 1
        #expect(throws: ZstdError.wrongChecksum("Restored data doesn't match checksum")) {
            try Samples.decompress(frame, outputStep: 100)
        }
    }

    @Test("a block of a reserved type is corruption")
    func corrupted() throws {
        var frame = Samples.rawFrame(Samples.text(bytes: 30), windowLog: 10)
        frame[6] |= 0b110
        #expect(throws: ZstdError.corrupted("Data corruption detected")) { try Samples.decompress(frame) }
    }

    @Test("bytes that are no frame are named so")
    func notZstd() {
        #expect(throws: ZstdError.notZstd("Unknown frame descriptor")) {
            try Samples.decompress(Array("{\"id\": 1}\n".utf8))
        }
    }

    @Test("a window of 2 GiB is accepted, a larger one is not")
    func windows() throws {
        let text = Samples.text(bytes: 1000)
        #expect(try Samples.decompress(Samples.rawFrame(text, windowLog: 31)).text == text)
        #expect(throws: ZstdError.windowTooLarge("Frame requires too much memory for decoding")) {
            try Samples.decompress(Samples.rawFrame(text, windowLog: 32))
        }
    }

    @Test("a frame that needs a dictionary says so")
    func dictionary() {
        #expect(throws: ZstdError.dictionaryNeeded("Dictionary mismatch")) {
            try Samples.decompress(Samples.rawFrame([1, 2, 3], windowLog: 10, dictionary: 5))
        }
    }

    @Test("a step says whether the frame that ended had a checksum", arguments: [1, 5, 1000])
    func hadChecksum(inputStep: Int) throws {
        let frames = try [
            (ZstdCompressor.frame([1, 2, 3]), true), (Samples.rawFrame([1, 2, 3], windowLog: 10), false),
            (Samples.skippableFrame(payload: [0xFF]), false), (ZstdCompressor.frame([]), true),
        ]
        var decompressor = try ZstdDecompressor()
        var rest = frames.flatMap(\.0)[...]
        var seen: [Bool] = []
        while !rest.isEmpty {
            var text: [UInt8] = []
            var step = ZstdDecompressor.Step()
            let input = Array(rest.prefix(inputStep))
            try text.append(addingCapacity: 10) { output throws(ZstdError) in
                step = try decompressor.step(input.span, into: &output)
            }
            rest = rest.dropFirst(step.consumed)
            if step.endedFrame != nil { seen.append(step.hadChecksum) }
        }
        #expect(seen == frames.map(\.1))
    }

    @Test("a reset makes a decompressor usable again, after an error and inside a frame")
    func reset() throws {
        let text = Samples.text(bytes: 1000)
        let frame = try ZstdCompressor.frame(text)
        var decompressor = try ZstdDecompressor()
        for spoiled in [Array("no frame at all".utf8), Array(frame[..<20])] {
            var scratch: [UInt8] = []
            do throws(ZstdError) {
                try scratch.append(addingCapacity: 2000) { output throws(ZstdError) in
                    _ = try decompressor.step(spoiled.span, into: &output)
                }
            } catch {
                #expect(error == .notZstd("Unknown frame descriptor"))
            }
            decompressor.reset()
            let isInsideFrame = decompressor.isInsideFrame
            #expect(!isInsideFrame)

            var result: [UInt8] = []
            var step = ZstdDecompressor.Step()
            try result.append(addingCapacity: 2000) { output throws(ZstdError) in
                step = try decompressor.step(frame.span, into: &output)
            }
            #expect(result == text)
            let wholeFrame = ZstdDecompressor.Step(
                consumed: frame.count, produced: 1000, endedFrame: .data, hadChecksum: true)
            #expect(step == wholeFrame)
        }
    }

    @Test("the kind of a frame is known from its magic number")
    func magic() {
        #expect(ZstdFrameKind(magic: 0xFD2F_B528) == .data)
        #expect((0..<16).allSatisfy { ZstdFrameKind(magic: 0x184D_2A50 + $0) == .skippable })
        #expect(ZstdFrameKind(magic: 0x184D_2A60) == nil)
        #expect(ZstdFrameKind(magic: 0xFD2F_B527) == nil)
        let prefixes: [([UInt8], Bool)] = [
            ([], false), ([0x28], true), ([0x28, 0xB5], true), ([0x28, 0xB5, 0x2F], true), ([0x5F, 0x2A, 0x4D], true),
            ([0x28, 0xB5, 0x2F, 0xFD], false), ([0x2A], false), ([0x28, 0x2A], false), ([0x7B, 0x22], false),
        ]
        for (bytes, isCut) in prefixes {
            #expect(ZstdFrameKind.isCutMagic(bytes.span) == isCut, "\(bytes)")
        }
    }
}
