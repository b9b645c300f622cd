/// Ranges of offsets in the partitions of Kafka topics.
public struct KafkaSource: Sendable, Equatable {
    /// What happens when messages of a range are not there any more, because retention or a person removed them.
    public enum DataLoss: String, Sendable, CaseIterable, Codable {
        /// The run stops and names the missing offsets.
        case fail
        /// The run goes on behind them and records the gap.
        case skip
    }

    /// Properties of librdkafka, among them `bootstrap.servers`. Any of them may be a secret, so all are kept as such.
    public var properties: [String: Secret]
    public var ranges: [TopicRange]
    public var onDataLoss: DataLoss
    /// The consumer group to which the reached offsets are committed, for those who watch its lag; nil: none.
    public var commitGroup: String?

    public init(
        properties: [String: Secret], ranges: [TopicRange], onDataLoss: DataLoss = .fail, commitGroup: String? = nil
    ) {
        self.properties = properties
        self.ranges = ranges
        self.onDataLoss = onDataLoss
        self.commitGroup = commitGroup
    }

    /// Whether the job, once complete, goes on in another round with what has come since.
    public var isCatchUp: Bool { ranges.contains { $0.start == .resume } }

    /// Whether a range names this partition.
    public func names(_ partition: Int32, of topic: String) -> Bool {
        ranges.contains { $0.topic == topic && $0.names(partition) }
    }
}

/// The same range in some or all partitions of a topic, as the person wrote it.
public struct TopicRange: Sendable, Hashable {
    public var topic: String
    /// Numbers of partitions; nil: all that the topic has when the job is planned.
    public var partitions: [ClosedRange<Int32>]?
    public var start: OffsetBound
    /// The first offset that is not read.
    public var end: OffsetBound

    public init(topic: String, partitions: [ClosedRange<Int32>]? = nil, start: OffsetBound, end: OffsetBound) {
        self.topic = topic
        self.partitions = partitions
        self.start = start
        self.end = end
    }

    /// Whether the partition of this number is among the range's.
    public func names(_ partition: Int32) -> Bool { partitions?.contains { $0.contains(partition) } ?? true }
}

/// One end of a range, before it is resolved to a number.
public enum OffsetBound: Sendable, Hashable {
    case offset(Int64)
    /// The oldest message that is there.
    case earliest
    /// Behind the newest message that can be read.
    case latest
    /// The offset that the consumer group of the property `group.id` has committed.
    case committed
    /// The end of the round before. For a partition that no round has read the oldest message that is there; once the job
    /// is a catch-up, its first offset, because it was added since.
    case resume
    /// The first message at or after this time, in milliseconds since 1970.
    case time(milliseconds: Int64)
    /// The first message at or after the time this many seconds before the job is planned.
    case ago(seconds: Int64)
}

extension TopicRange: CustomStringConvertible {
    /// As in `--range`: `articles:0-3,7@earliest..latest`.
    public var description: String {
        let numbers = partitions.map { spans in
            ":"
                + spans.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
                .joined(separator: ",")
        }
        return "\(topic)\(numbers ?? "")@\(start)..\(end)"
    }
}

extension OffsetBound: CustomStringConvertible {
    public var description: String {
        switch self {
        case .offset(let offset): "\(offset)"
        case .earliest: "earliest"
        case .latest: "latest"
        case .committed: "committed"
        case .resume: "resume"
        case .time(let milliseconds): "\(milliseconds)ms"
        case .ago(let seconds): "-\(seconds)s"
        }
    }
}

/// Offsets from `start` up to and without `end`.
public struct OffsetRange: Sendable, Hashable, Codable {
    public var start: Int64
    public var end: Int64

    public init(start: Int64, end: Int64) {
        self.start = start
        self.end = end
    }

    /// Offsets in the range, whether they hold messages or not.
    public var count: Int64 { end - start }
    public var isEmpty: Bool { start == end }

    /// The same offsets in as few ranges as possible, ascending.
    public static func joined(_ ranges: [OffsetRange]) -> [OffsetRange] {
        ranges.filter { !$0.isEmpty }.sorted { $0.start < $1.start }.reduce(into: []) { joined, range in
            if let last = joined.last, range.start <= last.end {
                joined[joined.count - 1].end = max(last.end, range.end)
            } else {
                joined.append(range)
            }
        }
    }
}

extension OffsetRange: CustomStringConvertible {
    public var description: String { "\(start)..\(end)" }
}
