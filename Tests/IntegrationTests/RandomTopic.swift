import Foundation
import TestSupport

/// A random source as messages of a topic with several partitions: a key always in the same one, in every codec, inside
/// and outside of transactions, with messages of aborted transactions in between.
struct RandomTopic {
    static let partitions = 4
    static let schema = RandomSource.schema(
        adding: """
            {"name": "origin", "type": "VARCHAR", "max_length": 50}, {"name": "sent_at", "type": "INT64"},
            {"name": "part", "type": "INT64"}, {"name": "place", "type": "INT64"},
            """)
    /// The job's `record`.
    static let record = """
        {drop: [padding], onReject: {policy: file},
        fields: {origin: $header.origin, sent_at: $timestamp, part: $partition, place: $offset}}
        """
    private static let firstTime: Int64 = 1_700_000_000_000

    /// What has to come out of a topic.
    struct Outcome {
        var rows: [String: NSDictionary]
        /// Where the messages lie that cannot be written.
        var rejects: Set<Topics.Place>
    }

    let source: RandomSource
    let messages: [TopicMessage]
    /// For each message of the source its index among the topic's.
    private let indexes: [Int]
    /// The indexes of messages that cannot be written.
    private let rejected: [Int]

    /// - Parameter withRejects: puts messages in between that cannot be written.
    init(seed: UInt64, messages count: Int, keys: Int, padding: Int = 0, withRejects: Bool = false) {
        let source = RandomSource(seed: seed, messages: count, keys: keys, padding: padding)
        var random = SeededGenerator(seed: seed &+ 1)
        var messages: [TopicMessage] = []
        var indexes: [Int] = []
        var rejected: [Int] = []
        while indexes.count < source.messages.count {
            let codec = TopicMessage.Codec.allCases[random.number(0...4)]
            // Each producer with transactions takes half a second to begin, so not every codec has them.
            let name = codec == .zstd || codec == .none ? "transaction \(messages.count)" : nil
            for index in indexes.count..<min(source.messages.count, indexes.count + random.number(1...1500)) {
                indexes.append(messages.count)
                messages.append(
                    Self.message(
                        source.messages[index], index, padding: padding, codec: codec, transaction: name,
                        random: &random))
                guard withRejects, random.oneIn(100) else { continue }
                rejected.append(messages.count)
                messages.append(
                    TopicMessage(
                        partition: random.number(0...Self.partitions - 1), key: "\(index)", value: "no JSON \(index)",
                        codec: codec, transaction: name))
            }
            guard random.oneIn(2) else { continue }
            for _ in 0..<random.number(1...300) {
                // It would be noticed: as a row of its own in place of what is written to its key.
                let aborted = RandomSource.Message(
                    key: random.number(0...keys - 1),
                    row: RandomSource.Row(value: -1, title: "aborted", vector: [Double](repeating: 0, count: 8)))
                messages.append(
                    Self.message(
                        aborted, -1, padding: 0, codec: .lz4, transaction: "aborted \(messages.count)", abort: true,
                        random: &random))
            }
        }
        self.source = source
        self.messages = messages
        self.indexes = indexes
        self.rejected = rejected
    }

    /// Writes the messages to a new topic.
    func write(to topic: String, _ topics: Topics) async throws -> Outcome {
        try await topics.create(topic, partitions: Self.partitions)
        let places = try await topics.produce(messages, to: topic)
        let rows = source.rows { index in
            let place = places[indexes[index]]
            return [
                "origin": Self.origin(of: index), "sent_at": Int(Self.firstTime) + index, "part": place.partition,
                "place": place.offset,
            ]
        }
        return Outcome(rows: rows, rejects: Set(rejected.map { places[$0] }))
    }

    private static func message(
        _ message: RandomSource.Message, _ index: Int, padding: Int, codec: TopicMessage.Codec, transaction: String?,
        abort: Bool = false, random: inout SeededGenerator
    ) -> TopicMessage {
        // Of several headers of a name the last one counts.
        let others: [[String?]] = random.oneIn(3) ? [["origin", "an earlier one"], ["empty", nil]] : []
        return TopicMessage(
            partition: message.key % partitions, key: "\(message.key)", value: message.payload(padding: padding),
            timestamp: firstTime + Int64(index), headers: others + [["origin", origin(of: index)]], codec: codec,
            transaction: transaction, abort: abort)
    }

    private static func origin(of index: Int) -> String { "message \(index)" }
}
