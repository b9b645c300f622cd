public import BackfillCore
import CRdKafka

/// A Kafka cluster, asked about topics and offsets before anything is read.
///
/// Its calls wait for brokers, and come back with `KafkaError.unreachable` when none answers in time.
public struct KafkaCluster: Sendable {
    /// How long brokers may take for all answers to one question.
    private static let patience = Duration.seconds(30)
    /// How long one call of librdkafka may take: what happened to the connections is looked at in between.
    private static let step = Duration.seconds(1)
    private static let pause = Duration.milliseconds(200)

    private let client: KafkaClient
    private let calls = BlockingCalls(label: "kafka-cluster")
    private let source: KafkaSource
    private let patience: Duration

    /// Connects to nothing yet.
    ///
    /// - Throws: `KafkaError.property`, `KafkaError.client`.
    public init(_ source: KafkaSource, onEvent: @escaping @Sendable (KafkaEvent) -> Void) throws(KafkaError) {
        try self.init(source, patience: Self.patience, onEvent: onEvent)
    }

    package init(
        _ source: KafkaSource, patience: Duration, onEvent: @escaping @Sendable (KafkaEvent) -> Void
    ) throws(KafkaError) {
        let usesGroup = source.ranges.contains { $0.start == .committed || $0.end == .committed }
        self.client = try KafkaClient(
            KafkaConfiguration(source, queueBytes: 1 << 20, usesGroup: usesGroup), onEvent: onEvent)
        self.source = source
        self.patience = patience
    }

    /// The cluster's id; nil where the brokers give none.
    public func id() async throws(KafkaError) -> String? {
        try await calls.run { () throws(KafkaError) in
            // What it answers comes from the first metadata, so that an unreachable cluster shows here.
            _ = try repeating { () throws(KafkaError) in try requestMetadata(topic: nil) }
            guard let text = unsafe rd_kafka_clusterid(client.handle, Self.step.inMilliseconds) else { return nil }
            // The text is the caller's to free.
            defer { unsafe rd_kafka_mem_free(client.handle, text) }
            return unsafe String(cString: text)
        }
    }

    /// Turns the job's ranges into numbers.
    ///
    /// - Parameters:
    ///   - now: Milliseconds since 1970, for relative times.
    ///   - reached: Where the round before has ended, for the partitions that it read.
    ///   - followsCatchUp: Whether that round was a catch-up's, so that a partition that it did not read was added since.
    /// - Returns: for each partition with a range what is read of it, in the order of topics and numbers.
    /// - Throws: `KafkaError.badRanges` with everything that does not fit, `KafkaError.lost` when messages are gone and
    ///   the job does not allow that, and whatever keeps brokers from answering.
    public func resolveRanges(
        now: Int64, after reached: [(topic: String, partition: Int32, end: Int64)] = [], followsCatchUp: Bool = false
    ) async throws(KafkaError) -> [PartitionRanges] {
        let ranges = source.ranges
        return try await calls.run { () throws(KafkaError) in
            var topics: [String: [Int32]] = [:]
            var unknown: [String] = []
            for topic in Set(ranges.map(\.topic)).sorted() {
                if let partitions = try partitions(of: topic) {
                    topics[topic] = partitions
                } else {
                    unknown.append("the topic `\(topic)` does not exist")
                }
            }
            var resolver = try RangeResolver(ranges, topics: topics, unknownTopics: unknown, now: now)
            let partitions = resolver.partitions
            resolver.startOfLog = try lookUp(partitions, time: -2)
            resolver.endOfLog = try lookUp(partitions, time: -1)
            for time in resolver.times {
                resolver.firstAtTime[time] = try lookUp(resolver.partitions(boundBy: time), time: time)
            }
            resolver.committed = try lookUpCommitted(resolver.partitionsBoundByGroup)
            resolver.followsCatchUp = followsCatchUp
            for (topic, partition, end) in reached {
                resolver.reached[TopicPartition(topic: topic, number: partition)] = end
            }
            return try resolver.resolve(onDataLoss: source.onDataLoss)
        }
    }

    /// Commits offsets to the source's `commitGroup`.
    ///
    /// - Throws: `KafkaError.notCommitted`, and what keeps brokers from answering.
    public static func commit(
        _ positions: [(topic: String, partition: Int32, offset: Int64)], of source: KafkaSource, to group: String,
        onEvent: @escaping @Sendable (KafkaEvent) -> Void
    ) async throws(KafkaError) {
        var source = source
        source.properties["group.id"] = Secret(group)
        // So long librdkafka waits for a coordinator before it gives a commit up.
        source.properties["session.timeout.ms"] = Secret("10000")
        let client = try KafkaClient(
            KafkaConfiguration(source, queueBytes: 1 << 20, usesGroup: true), onEvent: onEvent)
        try await BlockingCalls(label: "kafka-commit").run { () throws(KafkaError) in
            let offsets = try PartitionOffsets(positions)
            let error = offsets.commit(client)
            try client.serveGroupEvents()
            try client.serveEvents()
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw .notCommitted(group: group, words: error.words) }
        }
    }

    /// Checks that logs still reach to the ends of ranges that were resolved by an earlier run.
    ///
    /// - Throws: `KafkaError.truncated`, `KafkaError.gone`.
    public func requireLogs(reachTo ends: [(topic: String, partition: Int32, end: Int64)]) async throws(KafkaError) {
        try await calls.run { () throws(KafkaError) in
            var findings: [String] = []
            for topic in Set(ends.map(\.topic)).sorted() {
                guard let known = try partitions(of: topic) else {
                    findings.append("the topic `\(topic)` does not exist any more")
                    continue
                }
                findings += ends.filter { $0.topic == topic && !known.contains($0.partition) }
                    .map { "the topic `\(topic)` has no partition \($0.partition) any more" }
            }
            guard findings.isEmpty else { throw .gone(findings) }
            let endOfLog = try lookUp(ends.map { TopicPartition(topic: $0.topic, number: $0.partition) }, time: -1)
            for (topic, partition, end) in ends {
                let found = endOfLog[TopicPartition(topic: topic, number: partition)] ?? 0
                guard found >= end else {
                    throw .truncated(topic: topic, partition: partition, offset: end, endOfLog: found)
                }
            }
        }
    }

    // MARK: Questions

    /// The numbers of a topic's partitions, ascending; nil when it does not exist.
    private func partitions(of topic: String) throws(KafkaError) -> [Int32]? {
        try repeating { () throws(KafkaError) in try requestMetadata(topic: topic) }
    }

    /// One question for metadata, of one topic or of none.
    private func requestMetadata(topic: String?) throws(KafkaError) -> Attempt<[Int32]?> {
        switch try client.requestMetadata(topic: topic, timeout: Self.step) {
        case .partitions(let leaders): .done(leaders.keys.sorted())
        case .unknownTopic: .done(nil)
        case .failure(let words): .again(words)
        }
    }

    private func lookUp(_ partitions: [TopicPartition], time: Int64) throws(KafkaError) -> [TopicPartition: Int64] {
        try lookUp(partitions, initial: time) { offsets, timeout in offsets.lookUpTimes(client, timeout: timeout) }
    }

    private func lookUpCommitted(_ partitions: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Int64] {
        try lookUp(partitions, initial: Int64(RD_KAFKA_OFFSET_INVALID)) { offsets, timeout throws(KafkaError) in
            let error = offsets.lookUpCommitted(client, timeout: timeout)
            // That the user may not use the group is not among the errors of the question.
            try client.serveGroupEvents()
            return error
        }
    }

    private func lookUp(
        _ partitions: [TopicPartition], initial: Int64,
        _ question: (borrowing PartitionOffsets, Duration) throws(KafkaError) -> rd_kafka_resp_err_t
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        var found: [TopicPartition: Int64] = [:]
        guard !partitions.isEmpty else { return found }
        return try repeating { () throws(KafkaError) in
            let open = partitions.filter { found[$0] == nil }
            let offsets = try PartitionOffsets(open, offset: initial)
            let error = try question(offsets, min(Self.step * 5, patience))
            if error.isDenial { throw .denied(words: error.words) }
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { return .again(error.words) }
            var words: String?
            for answer in offsets.answers {
                if answer.error.isDenial { throw .denied(words: "\(answer.error.words): \(answer.partition)") }
                if answer.error == RD_KAFKA_RESP_ERR_NO_ERROR {
                    found[answer.partition] = answer.offset
                } else {
                    words = "\(answer.partition): \(answer.error.words)"
                }
            }
            return words.map { .again($0) } ?? .done(found)
        }
    }

    private enum Attempt<Answer> {
        case done(Answer)
        /// With what the broker or librdkafka said.
        case again(String)
    }

    /// Asks until there is an answer, for as long as brokers may take.
    private func repeating<Answer>(
        _ attempt: () throws(KafkaError) -> Attempt<Answer>
    ) throws(KafkaError) -> Answer {
        let clock = ContinuousClock()
        let start = clock.now
        while true {
            let result = try attempt()
            try client.serveEvents()
            guard case .again(let words) = result else {
                if case .done(let answer) = result { return answer }
                continue
            }
            guard start.duration(to: clock.now) < patience else {
                throw .unreachable(brokers: client.brokers, words: client.trouble(since: start) ?? words)
            }
            ThreadPause.sleep(for: Self.pause)
        }
    }
}
