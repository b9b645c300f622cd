import BackfillCore
import KafkaReader
import MockKafka
import TestSupport
import Testing

/// What needs brokers. The suites in it run one after the other, because they share a cluster and its faults.
@Suite("On a cluster,", .serialized, .timeLimit(.minutes(1)))
enum MockClusterTests {}

extension MockMessage {
    /// Messages that tell their place.
    static func numbered(_ numbers: Range<Int>, of name: String = "row") -> [MockMessage] {
        numbers.map { MockMessage("\(name) \($0)") }
    }

    /// Any message, with every part that there may be or not.
    static func random(_ random: inout SeededGenerator) -> MockMessage {
        func bytes(_ random: inout SeededGenerator) -> [UInt8]? {
            switch random.number(0...5) {
            case 0: nil
            case 1: []
            default: (0..<random.number(1...random.number(1...400))).map { _ in UInt8(random.number(0...255)) }
            }
        }
        return MockMessage(
            key: bytes(&random), value: bytes(&random),
            headers: (0..<(random.oneIn(2) ? 0 : random.number(1...4))).map { _ in
                Header(["a", "b", "trace-id", "größe", ""][random.number(0...4)], bytes(&random))
            },
            timestamp: Int64(random.number(1...4_102_444_800_000)))
    }
}

extension Reading {
    /// Whether these messages came, each once, in order, from an offset on.
    func holds(_ messages: some Sequence<MockMessage>, from offset: Int64 = 0) -> Bool {
        records == zip(offset..., messages).map { Record(offset: $0, message: $1) }
    }
}
