import BackfillCore
import KafkaReader
import Testing

@Suite("What a person is told when messages cannot be read")
struct KafkaErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var error: KafkaError
        var status: BackfillCore.ExitStatus
        /// What the sentence must hold.
        var parts: [String]

        init(_ error: KafkaError, _ status: BackfillCore.ExitStatus, _ parts: String...) {
            self.error = error
            self.status = status
            self.parts = parts
        }

        var testDescription: String { "\(error)" }
    }

    static let cases = [
        Case(.property(name: "acks", words: "unknown"), .badJobFile, "`acks`", "unknown", "source.kafka.properties"),
        Case(.client(words: "too small"), .badJobFile, "too small", "source.kafka.properties"),
        Case(
            .unreachable(brokers: "a:1,b:2", words: "refused"), .temporarilyUnavailable, "a:1,b:2", "refused",
            "run the job again"),
        Case(.denied(words: "not you"), .failed, "not you", "credentials", "permissions"),
        Case(.badRanges(["first", "second"]), .badJobFile, "first; second", "source.kafka.ranges"),
        Case(
            .lost(topic: "t", partition: 3, [OffsetRange(1..<4), OffsetRange(7..<9)]), .failed, "t-3", "1..4, 7..9",
            "source.kafka.onDataLoss", "`skip`"),
        Case(
            .truncated(topic: "t", partition: 3, offset: 70, endOfLog: 60), .foreignCheckpoint, "t-3", "70", "60",
            "--restart"),
        Case(
            .stalled(topic: "t", partition: 3, offset: 70, seconds: 300, words: "no leader"), .temporarilyUnavailable,
            "t-3", "70", "300 s", "no leader", "run the job again"),
        Case(
            .stalled(topic: "t", partition: 3, offset: 70, seconds: 300, words: nil), .temporarilyUnavailable,
            "neither a message nor the end of the log; see"),
        Case(.unexpectedOffset(topic: "t", partition: 3, offset: 5, expected: 9), .failed, "t-3@5", "9"),
        Case(.failed(topic: "t", partition: 3, offset: 5, words: "gone"), .failed, "t-3", "5", "gone"),
    ]

    @Test("is one line with what happened, where, and what to do", arguments: cases)
    func sentences(_ expected: Case) {
        let text = "\(expected.error)"
        for part in expected.parts { #expect(text.contains(part)) }
        #expect(!text.contains("\n") && !text.hasSuffix("."))
        #expect(expected.error.exitStatus == expected.status)
    }

    @Test("shows the first findings of many, and counts the others")
    func manyFindings() {
        let text = "\(KafkaError.badRanges((1...8).map { "finding \($0)" }))"
        #expect(text.contains("finding 5; and 3 more"))
        #expect(!text.contains("finding 6"))
    }
}
