import Testing

/// A topic of which some offsets hold no message that can be read, and ranges of it.
struct RangeLayout: Sendable, CustomTestStringConvertible {
    struct Part: Sendable {
        var partition = 0
        var range: Range<Int>
        /// The offsets that hold a message which can be read.
        var present: [Int]
    }

    var testDescription: String
    var parts: [Part]
    /// Makes and fills the topic.
    var write: @Sendable (_ topic: String, Topics) async throws -> Void

    private init(
        _ description: String, _ parts: [Part], write: @escaping @Sendable (String, Topics) async throws -> Void
    ) {
        self.testDescription = description
        self.parts = parts
        self.write = write
    }

    /// - Parameter messages: of a topic of two partitions.
    private init(_ description: String, _ parts: [Part], messages: @escaping @Sendable () -> [TopicMessage]) {
        self.init(description, parts) { topic, topics in
            try await topics.create(topic, partitions: 2)
            try await topics.produce(messages(), to: topic)
        }
    }

    private static func plain(_ numbers: Range<Int>, partition: Int = 0) -> [TopicMessage] {
        numbers.map { Echo.message($0, partition: partition) }
    }

    private static func committed(_ numbers: Range<Int>) -> [TopicMessage] {
        numbers.map { Echo.message($0, transaction: "\(numbers)") }
    }

    private static func aborted(_ numbers: Range<Int>) -> [TopicMessage] {
        numbers.map { Echo.message($0, transaction: "\(numbers)", abort: true) }
    }

    /// A log of which the offsets 4, 8, 12 and 13 are left.
    ///
    /// A part that begins behind 4 must not hold one of them: noida-db 0.2.3 passes over whatever is left of a compacted
    /// segment when a fetch begins behind the first of it.
    private static func compacted(_ description: String, _ parts: [Part]) -> RangeLayout {
        RangeLayout(description, parts) { topic, topics in
            let keys = ["x", "x", "x", "x", "p", "x", "x", "x", "q", "x", "x", "x", "x"]
            let left = try await topics.createCompacted(
                topic,
                segments: [keys.enumerated().map { Echo.message($0, key: $1) }, [Echo.message(13, key: "newest")]])
            try #require(left == [4, 8, 12, 13])
        }
    }

    static let all = [
        RangeLayout("an empty partition", [Part(range: 0..<0, present: [])]) { plain(0..<5, partition: 1) },
        RangeLayout("a range of one", [Part(range: 4..<5, present: [4])]) { plain(0..<10) },
        RangeLayout("an end at the high watermark", [Part(range: 3..<10, present: Array(3..<10))]) { plain(0..<10) },
        RangeLayout("an end in a transaction's marker", [Part(range: 0..<6, present: Array(0..<5))]) {
            committed(0..<5) + plain(5..<8)
        },
        RangeLayout("a marker at the high watermark", [Part(range: 2..<6, present: [2, 3, 4])]) { committed(0..<5) },
        RangeLayout("an aborted end at the high watermark", [Part(range: 0..<9, present: Array(0..<5))]) {
            plain(0..<5) + aborted(5..<8)
        },
        RangeLayout("nothing but aborted messages", [Part(range: 5..<9, present: [])]) {
            plain(0..<5) + aborted(5..<8) + plain(8..<10)
        },
        RangeLayout("a start inside of a transaction", [Part(range: 3..<9, present: [3, 4, 5, 7, 8])]) {
            committed(0..<6) + plain(6..<8)
        },
        RangeLayout("a start inside of an aborted transaction", [Part(range: 3..<10, present: [7, 8, 9])]) {
            aborted(0..<6) + plain(6..<9)
        },
        RangeLayout("an end inside of a transaction", [Part(range: 0..<3, present: [0, 1, 2])]) { committed(0..<6) },
        RangeLayout("an end inside of an aborted transaction", [Part(range: 0..<5, present: [0, 1, 2])]) {
            plain(0..<3) + aborted(3..<8) + plain(8..<9)
        },
        compacted("compacted holes at start, middle and end", [Part(range: 0..<12, present: [4, 8])]),
        compacted("nothing but a compacted hole", [Part(range: 9..<12, present: [])]),
        compacted(
            "ranges that begin and end in compacted holes",
            [
                Part(range: 1..<3, present: []), Part(range: 3..<6, present: [4]), Part(range: 10..<12, present: []),
                Part(range: 13..<14, present: [13]),
            ]),
        RangeLayout(
            "several ranges of a partition",
            [Part(range: 20..<30, present: Array(20..<30)), Part(range: 0..<10, present: Array(0..<10))]
        ) { plain(0..<40) },
        RangeLayout(
            "ranges that touch, one of them empty",
            [
                Part(range: 0..<7, present: Array(0..<7)), Part(range: 7..<7, present: []),
                Part(range: 7..<12, present: Array(7..<12)),
            ]
        ) { plain(0..<12) },
        RangeLayout(
            "ranges of several partitions",
            [Part(range: 2..<7, present: Array(2..<7)), Part(partition: 1, range: 0..<3, present: [0, 1, 2])]
        ) { plain(0..<10) + plain(10..<20, partition: 1) },
        RangeLayout(
            "bounds inside of compressed batches", [Part(range: 5..<95, present: Array(5..<95))]
        ) {
            TopicMessage.Codec.allCases.enumerated().flatMap { index, codec in
                (index * 20..<index * 20 + 20).map { Echo.message($0, codec: codec) }
            }
        },
    ]
}
