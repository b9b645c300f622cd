public import BackfillCore

/// Why messages cannot be read.
public enum KafkaError: UserFacingError, Equatable {
    /// librdkafka does not take a property of the job.
    case property(name: String, words: String)
    /// librdkafka cannot be started with the properties of the job as a whole.
    case client(words: String)
    /// No broker answered in time.
    case unreachable(brokers: String, words: String)
    /// A broker refuses who we are or what we ask for.
    case denied(words: String)
    /// The ranges of the job do not fit the cluster, or one another: everything that was found.
    case badRanges([String])
    /// Messages of the ranges are not in the log any more.
    case lost(topic: String, partition: Int32, [OffsetRange])
    /// Topics or partitions are not there any more, in which the job has begun to read: everything that was found.
    case gone([String])
    /// The log ends before a place where it had messages when the job was planned.
    case truncated(topic: String, partition: Int32, offset: Int64, endOfLog: Int64)
    /// Where a message was read stands another one now.
    case replaced(topic: String, partition: Int32, offset: Int64)
    /// A consumer group does not take the offsets.
    case notCommitted(group: String, words: String)
    /// Nothing has arrived for too long, although there must be more.
    case stalled(topic: String, partition: Int32, offset: Int64, seconds: Int, words: String?)
    /// A message came that was read before.
    case unexpectedOffset(topic: String, partition: Int32, offset: Int64, expected: Int64)
    /// Reading a partition failed in a way that no repetition mends.
    case failed(topic: String, partition: Int32, offset: Int64, words: String)

    public var description: String {
        switch self {
        case .property(let name, let words):
            "librdkafka does not take the property `\(name)` of source.kafka.properties: \(words); mend it or remove it"
        case .client(let words):
            "librdkafka does not start with source.kafka.properties: \(words); mend them"
        case .unreachable(let brokers, let words):
            "no Kafka broker at \(brokers) answered: \(words); see that the brokers run and are reachable from here, and "
                + "run the job again"
        case .denied(let words):
            "the Kafka brokers refuse: \(words); see to the credentials in source.kafka.properties and to the permissions "
                + "of the user, and run the job again"
        case .badRanges(let findings):
            "the ranges do not fit the cluster: " + Self.list(findings) + "; mend them in source.kafka.ranges"
        case .lost(let topic, let partition, let ranges):
            "messages are lost: the log of \(topic)-\(partition) does not hold the offsets "
                + ranges.map(\.description).joined(separator: ", ")
                + " any more (retention or a person removed them); begin the range behind them, or set "
                + "source.kafka.onDataLoss to `skip` to go on without them and have the gap recorded"
        case .gone(let findings):
            Self.list(findings)
                + ": it was deleted, or this is another cluster; restore it, or begin anew with --restart"
        case .truncated(let topic, let partition, let offset, let endOfLog):
            "the log of \(topic)-\(partition) ends at offset \(endOfLog), below \(offset), where it had messages when the "
                + "job was planned: the topic was truncated, or deleted and created again; restore it, or begin anew with "
                + "--restart"
        case .replaced(let topic, let partition, let offset):
            "the message \(topic)-\(partition)@\(offset) is not the one that the job has read there: the topic was deleted "
                + "and created again, or this is another cluster; restore it, or begin anew with --restart"
        case .notCommitted(let group, let words):
            "the group `\(group)` (source.kafka.commitGroup) does not take the offsets: \(words)"
        case .stalled(let topic, let partition, let offset, let seconds, let words):
            "nothing has arrived from \(topic)-\(partition) at offset \(offset) for \(seconds) s, neither a message nor the "
                + "end of the log" + (words.map { " (the last error: \($0))" } ?? "")
                + "; see to the partition's leader, and run the job again"
        case .unexpectedOffset(let topic, let partition, let offset, let expected):
            "the broker sent the message \(topic)-\(partition)@\(offset) when \(expected) or a later one was due; run the "
                + "job again, and report it if it comes back"
        case .failed(let topic, let partition, let offset, let words):
            "\(topic)-\(partition) cannot be read on from offset \(offset): \(words)"
        }
    }

    /// At most as many as a person reads.
    private static func list(_ findings: [String]) -> String {
        let shown = findings.prefix(5).joined(separator: "; ")
        return findings.count > 5 ? "\(shown); and \(findings.count - 5) more" : shown
    }

    public var exitStatus: ExitStatus {
        switch self {
        case .property, .client, .badRanges: .badJobFile
        case .unreachable, .stalled: .temporarilyUnavailable
        case .denied, .lost, .notCommitted, .unexpectedOffset, .failed: .failed
        case .gone, .truncated, .replaced: .foreignCheckpoint
        }
    }
}
