import MilvusStore
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@Suite struct PingResponderTests {
    private static func frame(_ type: UInt8, flags: UInt8 = 0, _ payload: [UInt8]) -> [UInt8] {
        [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF), type, flags, 0, 0, 0, type == 6 ? 0 : 1] + payload
    }

    /// However the stream is cut, pings are answered in order and everything else passes untouched.
    @Test(arguments: 0..<200)
    func pingsAreAnsweredAndEverythingElsePasses(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var stream: [UInt8] = []
        var expected: [UInt8] = []
        var answers: [UInt8] = []
        for _ in 0..<Int.random(in: 1...30, using: &random) {
            if Bool.random(using: &random) {
                let payload = (0..<8).map { _ in UInt8.random(in: 0...255, using: &random) }
                stream += Self.frame(6, payload)
                answers += Self.frame(6, flags: 1, payload)
            } else {
                // Acknowledgements of our own pings are among what passes.
                let isAcknowledgement = Int.random(in: 0..<4, using: &random) == 0
                let length = isAcknowledgement ? 8 : Int.random(in: 0...600, using: &random)
                let payload = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
                let frame = isAcknowledgement ? Self.frame(6, flags: 1, payload) : Self.frame(0, payload)
                stream += frame
                expected += frame
            }
        }
        let channel = EmbeddedChannel(handler: PingResponder())
        var rest = stream[...]
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...40, using: &random))
            rest = rest.dropFirst(part.count)
            try channel.writeInbound(ByteBuffer(bytes: part))
        }
        var passed: [UInt8] = []
        while let buffer = try channel.readInbound(as: ByteBuffer.self) { passed += Array(buffer.readableBytesView) }
        var written: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { written += Array(buffer.readableBytesView) }
        #expect(passed == expected, "seed \(seed)")
        #expect(written == answers, "seed \(seed)")
        // Its pipeline holds on to itself until then.
        #expect(try channel.finish().isClean, "seed \(seed)")
    }
}
