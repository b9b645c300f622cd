public import BackfillCore

/// What is read of one partition.
public struct PartitionRanges: Sendable, Equatable {
    public var topic: String
    public var partition: Int32
    /// Ascending and apart; may be empty ones.
    public var ranges: [OffsetRange]
    /// Offsets that the job asks for and the log does not hold any more.
    public var gaps: [OffsetRange]

    public init(topic: String, partition: Int32, ranges: [OffsetRange], gaps: [OffsetRange] = []) {
        self.topic = topic
        self.partition = partition
        self.ranges = ranges
        self.gaps = gaps
    }
}

/// Applies the ranges that a person wrote to what is known of the cluster.
///
/// A time stands for the first message at or after it. Where a partition has none, that is the end of its log: nothing
/// to read for a start, everything for an end.
package struct RangeResolver {
    /// What an entry of the job says about one partition.
    private struct Request {
        var partition: TopicPartition
        var start: OffsetBound
        var end: OffsetBound
        /// As the person wrote it.
        var text: String
    }

    /// Answers of the cluster, to be filled in before `resolve`.
    package var startOfLog: [TopicPartition: Int64] = [:]
    package var endOfLog: [TopicPartition: Int64] = [:]
    /// For each time, in milliseconds since 1970, the first offset at or after it; -1: none.
    package var firstAtTime: [Int64: [TopicPartition: Int64]] = [:]
    /// A negative offset: none.
    package var committed: [TopicPartition: Int64] = [:]
    /// Where the round before has ended, for the partitions that it read.
    package var reached: [TopicPartition: Int64] = [:]
    /// Whether the round before was a catch-up's: a partition that it did not read was added since, and what its log does
    /// not hold any more was lost.
    package var followsCatchUp = false

    private let now: Int64
    private let requests: [Request]

    /// - Parameters:
    ///   - topics: The numbers of the partitions of every topic that exists.
    ///   - unknownTopics: A finding for each topic that does not.
    ///   - now: Milliseconds since 1970.
    /// - Throws: `KafkaError.badRanges`.
    package init(
        _ ranges: [TopicRange], topics: [String: [Int32]], unknownTopics: [String] = [], now: Int64
    ) throws(KafkaError) {
        var findings = unknownTopics
        var requests: [Request] = []
        for range in ranges {
            let text = "\(range)"
            for (bound, name) in [(range.start, "start"), (range.end, "end")] {
                if case .time(let time) = bound, time > now {
                    findings.append("the \(name) of `\(text)` lies in the future")
                }
            }
            guard let known = topics[range.topic] else { continue }
            if let last = known.last {
                for span in range.partitions ?? [] where span.upperBound > last {
                    findings.append(
                        "the topic `\(range.topic)` has no partition \(max(span.lowerBound, last + 1)) (it has "
                            + "\(known.count))")
                }
            }
            requests += known.filter(range.names).map {
                Request(
                    partition: TopicPartition(topic: range.topic, number: $0), start: range.start, end: range.end,
                    text: text)
            }
        }
        guard findings.isEmpty else { throw .badRanges(findings) }
        self.now = now
        self.requests = requests
    }

    /// Every partition that is read.
    package var partitions: [TopicPartition] { Self.unique(requests.map(\.partition)) }

    /// Every time that bounds a range.
    package var times: [Int64] {
        Set(requests.flatMap { [time(of: $0.start), time(of: $0.end)] }.compactMap(\.self)).sorted()
    }

    package func partitions(boundBy time: Int64) -> [TopicPartition] {
        Self.unique(
            requests.filter { self.time(of: $0.start) == time || self.time(of: $0.end) == time }.map(\.partition))
    }

    package var partitionsBoundByGroup: [TopicPartition] {
        Self.unique(requests.filter { $0.start == .committed || $0.end == .committed }.map(\.partition))
    }

    /// The ranges as numbers.
    ///
    /// - Throws: `KafkaError.badRanges` with everything that does not fit, `KafkaError.lost`.
    package func resolve(onDataLoss: KafkaSource.DataLoss) throws(KafkaError) -> [PartitionRanges] {
        var findings: [String] = []
        var resolved: [TopicPartition: [OffsetRange]] = [:]
        for request in requests {
            guard let range = range(of: request, &findings) else { continue }
            resolved[request.partition, default: []].append(range)
        }
        for (partition, ranges) in resolved {
            let sorted = ranges.filter { !$0.isEmpty }.sorted { $0.start < $1.start }
            // Where there is nothing to read, one range shows why.
            resolved[partition] = sorted.isEmpty ? Array(ranges.prefix(1)) : sorted
            for (first, second) in zip(sorted, sorted.dropFirst()) where second.start < first.end {
                findings.append("the ranges \(first) and \(second) of \(partition) overlap")
            }
        }
        guard findings.isEmpty else { throw .badRanges(findings.sorted()) }
        return try partitions.map { partition throws(KafkaError) in
            let ranges = resolved[partition] ?? []
            let gaps = gaps(in: ranges, of: partition)
            if !gaps.isEmpty, onDataLoss == .fail {
                throw .lost(topic: partition.topic, partition: partition.number, gaps)
            }
            return PartitionRanges(
                topic: partition.topic, partition: partition.number, ranges: ranges, gaps: gaps)
        }
    }

    private func range(of request: Request, _ findings: inout [String]) -> OffsetRange? {
        guard let start = offset(of: request.start, "start", request, &findings),
            let end = offset(of: request.end, "end", request, &findings)
        else { return nil }
        let endOfLog = endOfLog[request.partition] ?? 0
        // An end that moves, such as a time ago, may not have come as far as the round before.
        if request.start == .resume, end < start { return OffsetRange(start: start, end: start) }
        guard start <= end else {
            findings.append(
                "the end \(end) of `\(request.text)` lies before its start \(start) in \(request.partition)")
            return nil
        }
        guard end <= endOfLog else {
            findings.append(
                "the end \(end) of `\(request.text)` lies beyond the last message that can be read of "
                    + "\(request.partition), whose log ends at \(endOfLog) (open transactions count from their beginning)"
            )
            return nil
        }
        return OffsetRange(start: start, end: end)
    }

    private func offset(
        of bound: OffsetBound, _ name: String, _ request: Request, _ findings: inout [String]
    ) -> Int64? {
        let partition = request.partition
        switch bound {
        case .offset(let offset): return offset
        case .earliest: return startOfLog[partition]
        case .latest: return endOfLog[partition]
        case .resume: return reached[partition] ?? (followsCatchUp ? 0 : startOfLog[partition])
        case .time, .ago:
            let found = time(of: bound).flatMap { firstAtTime[$0]?[partition] } ?? -1
            // The message may belong to a transaction that is still open.
            let end = endOfLog[partition] ?? 0
            return found < 0 ? end : min(found, end)
        case .committed:
            if let offset = committed[partition], offset >= 0 { return offset }
            findings.append(
                "the group has committed no offset of \(partition), which is the \(name) of `\(request.text)`")
            return nil
        }
    }

    private func gaps(in ranges: [OffsetRange], of partition: TopicPartition) -> [OffsetRange] {
        var cursor = RangeCursor(ranges: ranges, position: 0)
        return cursor.takeStartOfLog(at: startOfLog[partition] ?? 0).lost
    }

    private func time(of bound: OffsetBound) -> Int64? {
        switch bound {
        case .time(let milliseconds): milliseconds
        // A time below zero would be a word of Kafka's protocol.
        case .ago(let seconds): max(0, now - seconds * 1000)
        case .offset, .earliest, .latest, .committed, .resume: nil
        }
    }

    private static func unique(_ partitions: [TopicPartition]) -> [TopicPartition] {
        Set(partitions).sorted { ($0.topic, $0.number) < ($1.topic, $1.number) }
    }
}
