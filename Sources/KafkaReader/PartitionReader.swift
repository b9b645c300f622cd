public import BackfillCore
import CRdKafka

/// Reads the ranges of one partition.
public struct PartitionReader: RecordSource, ~Copyable {
    private let work: PartitionWork
    private let calls: BlockingCalls

    /// - Parameter calls: For this partition alone.
    init(_ work: PartitionWork, _ calls: BlockingCalls) {
        self.work = work
        self.calls = calls
    }

    deinit {
        // Stopping waits for librdkafka's own thread.
        calls.runLater { [work] in work.stop() }
    }

    public var position: SourcePosition { .offset(work.position) }

    /// The next messages.
    ///
    /// Everything before an error is delivered before the error is thrown.
    ///
    /// - Throws: `KafkaError`.
    public mutating func next() async throws(KafkaError) -> SourceStep {
        try await calls.run { [work] () throws(KafkaError) in try work.next() }
    }
}

/// What reads a partition. One call at a time is made to it: `PartitionReader` is its only owner and waits for each.
final class PartitionWork: @unchecked Sendable {
    /// From the first message of a chunk until it is handed on, full or not, and how long `next` waits for that one.
    private static let patience = Duration.milliseconds(100)
    /// How long to wait for librdkafka's batch to fill.
    private static let batchTime = Duration.milliseconds(10)

    private let client: KafkaClient
    private let partition: TopicPartition
    private let onDataLoss: KafkaSource.DataLoss
    private let limits: KafkaLimits
    private let clock = ContinuousClock()
    private var cursor: RangeCursor
    private var queue: PartitionQueue?
    /// Thrown once everything before it has been delivered.
    private var failure: KafkaError?
    private var lastArrival: ContinuousClock.Instant
    /// Spent waiting since then: less than has passed when nobody asked for more.
    private var idleTime = Duration.zero
    /// The last trouble with this partition, in librdkafka's words.
    private var trouble: String?

    init(
        _ client: KafkaClient, _ partition: TopicPartition, _ cursor: RangeCursor, onDataLoss: KafkaSource.DataLoss,
        limits: KafkaLimits
    ) {
        self.client = client
        self.partition = partition
        self.cursor = cursor
        self.onDataLoss = onDataLoss
        self.limits = limits
        self.lastArrival = clock.now
    }

    var position: Int64 { cursor.next }

    func stop() { queue = nil }

    func next() throws(KafkaError) -> SourceStep {
        if let failure { throw failure }
        guard !cursor.isAtEnd else { return .end }
        let start = clock.now
        var chunk = ChunkBuilder(partition, capacity: limits.chunkBytes)
        do throws(KafkaError) {
            try client.serveEvents()
            try fill(&chunk, from: start)
        } catch {
            failure = error
        }
        guard chunk.isEmpty else {
            idleTime = .zero
            lastArrival = clock.now
            client.noteConnection()
            return .chunk(.messages(chunk.finish(end: cursor.next)))
        }
        if let failure { throw failure }
        guard !cursor.isAtEnd else { return .end }
        idleTime += start.duration(to: clock.now)
        guard idleTime < limits.stallTime else {
            throw .stalled(
                topic: partition.topic, partition: partition.number, offset: cursor.next,
                seconds: Int(idleTime / .seconds(1)), words: try findTrouble())
        }
        return .idle
    }

    /// Takes messages until the chunk is full, the ranges end, or time is up.
    private func fill(_ chunk: inout ChunkBuilder, from start: ContinuousClock.Instant) throws(KafkaError) {
        while !chunk.isFull, !cursor.isAtEnd, start.duration(to: clock.now) < Self.patience {
            guard let message = try unsafe openQueue().next(within: Self.batchTime) else { continue }
            defer { unsafe rd_kafka_message_destroy(message) }
            try unsafe take(message, into: &chunk)
        }
    }

    private func openQueue() throws(KafkaError) -> PartitionQueue {
        if let queue { return queue }
        let opened = try PartitionQueue(client, partition, from: cursor.next)
        queue = opened
        return opened
    }

    private func take(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>, into chunk: inout ChunkBuilder
    ) throws(KafkaError) {
        let offset = unsafe message.pointee.offset
        switch unsafe message.pointee.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
            trouble = nil
            let due = cursor.next
            guard let verdict = cursor.takeMessage(at: offset) else {
                throw .unexpectedOffset(
                    topic: partition.topic, partition: partition.number, offset: offset, expected: due)
            }
            chunk.add(absent: verdict.absent)
            if verdict.isWanted { unsafe chunk.append(message) }
            follow(verdict.continuation)
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
            let verdict = cursor.takeEndOfLog(at: offset)
            trouble = verdict.continuation == .sameRange ? "the log ends at \(offset)" : nil
            chunk.add(absent: verdict.absent)
            follow(verdict.continuation)
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
            try unsafe findLog(message, &chunk)
        case let error where error.isDenial:
            throw .denied(words: "\(unsafe Self.words(of: message)): \(partition)")
        case RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
            throw .failed(
                topic: partition.topic, partition: partition.number, offset: cursor.next,
                words: unsafe Self.words(of: message))
        default:
            // librdkafka repeats the request; if it never helps, the time without progress ends the run.
            let words = unsafe Self.words(of: message)
            if words != trouble { client.tell("\(partition)@\(cursor.next): \(words)") }
            trouble = words
            // It goes on behind what it cannot read, such as a batch with a wrong checksum, and what it passes over
            // must not count as absent. So nothing is believed that comes after an error.
            queue = nil
            ThreadPause.sleep(for: Self.patience)
        }
    }

    /// The offset that was asked for is not in the log: finds out where the log has gone.
    private func findLog(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>, _ chunk: inout ChunkBuilder
    ) throws(KafkaError) {
        queue = nil
        trouble = unsafe Self.words(of: message)
        guard let start = try boundOfLog(-2), let end = try boundOfLog(-1) else {
            ThreadPause.sleep(for: Self.patience)
            return
        }
        guard cursor.next <= end else {
            throw .truncated(
                topic: partition.topic, partition: partition.number, offset: cursor.next, endOfLog: end)
        }
        var moved = cursor
        let (lost, continuation) = moved.takeStartOfLog(at: start)
        guard !lost.isEmpty else {
            // The log holds the offset after all, which the broker that was asked first may learn.
            ThreadPause.sleep(for: Self.patience)
            return
        }
        // The position stays before what is lost, so that the next run finds it too.
        guard onDataLoss == .skip else {
            throw .lost(topic: partition.topic, partition: partition.number, lost)
        }
        cursor = moved
        trouble = nil
        chunk.add(gaps: lost)
        follow(continuation)
    }

    /// The start (-2) or end (-1) of the log; nil when no broker says.
    private func boundOfLog(_ time: Int64) throws(KafkaError) -> Int64? {
        let offsets = try PartitionOffsets([partition], offset: time)
        let error = offsets.lookUpTimes(client, timeout: limits.answerTime)
        let answer = offsets.answers.first
        let cause = error == RD_KAFKA_RESP_ERR_NO_ERROR ? answer?.error ?? error : error
        if cause.isDenial { throw .denied(words: "\(cause.words): \(partition)") }
        guard cause == RD_KAFKA_RESP_ERR_NO_ERROR else {
            trouble = cause.words
            return nil
        }
        return answer?.offset
    }

    /// Why nothing arrives. librdkafka keeps to itself that a topic is gone, or may not be seen any more.
    private func findTrouble() throws(KafkaError) -> String? {
        if let trouble { return trouble }
        switch try client.requestMetadata(topic: partition.topic, timeout: limits.answerTime) {
        case .unknownTopic: return "the topic does not exist any more"
        case .failure(let words): return client.trouble(since: lastArrival) ?? words
        case .partitions(let leaders):
            guard let leader = leaders[partition.number] else { return "the partition does not exist any more" }
            return leader < 0 ? "the partition has no leader" : client.trouble(since: lastArrival)
        }
    }

    private func follow(_ continuation: RangeCursor.Continuation) {
        switch continuation {
        case .sameRange: break
        // The queue is made anew at the cursor's place; what it still holds lies between the ranges.
        case .restart, .end: queue = nil
        }
    }

    private static func words(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> String {
        // librdkafka returns a terminated text that lives as long as the message.
        unsafe rd_kafka_message_errstr(message).map { unsafe String(cString: $0) } ?? message.pointee.err.words
    }
}
