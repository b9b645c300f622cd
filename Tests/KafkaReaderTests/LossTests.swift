import BackfillCore
import KafkaReader
import MockKafka
import Testing

extension MockClusterTests {
    /// A partition of the mock keeps its last 5 MiB of batches, so that writing more moves the start of its log.
    @Suite("messages that are gone")
    struct LossTests {
        private static func large(_ numbers: Range<Int>) -> [MockMessage] {
            numbers.map { MockMessage("\($0) \(String(repeating: "x", count: 250_000))") }
        }

        /// The first offset of a log, as brokers say it.
        private func startOfLog(_ topic: String) async throws -> Int64 {
            let range = TopicRange(topic: topic, partitions: [0...0], start: .earliest, end: .latest)
            let cluster = try KafkaCluster(TestCluster.source(ranges: [range])) { _ in }
            return try #require(try await cluster.resolveRanges(now: 0).first?.ranges.first?.start)
        }

        /// Reads two messages, lets the log lose the next ones, and reads on.
        private func readOverLoss(
            _ topic: String, _ ranges: [Range<Int>], onDataLoss: KafkaSource.DataLoss
        ) async throws -> (reading: Reading, start: Int64) {
            let mock = try TestCluster.shared()
            try mock.produce(Self.large(0..<8), to: topic, batchSize: 1)
            mock.failNext(.fetch, with: [.success, .success] + [MockAnswer](repeating: .notLeader, count: 1000))
            let consumer = try TestCluster.consumer(onDataLoss: onDataLoss)
            var reader = consumer.reader(topic: topic, partition: 0, ranges: ranges.map { OffsetRange($0) }, from: 0)
            var reading = Reading()
            await reading.read(&reader) { $0.records.count == 2 }
            try mock.produce(Self.large(8..<30), to: topic, batchSize: 1)
            mock.stopFailing(.fetch)
            await reading.read(&reader)
            return (reading, try await startOfLog(topic))
        }

        @Test("end the reading with their offsets, behind what came before")
        func fail() async throws {
            let (reading, start) = try await readOverLoss("lost", [0..<30], onDataLoss: .fail)
            #expect(start > 2)
            #expect(reading.offsets == [0, 1])
            #expect(
                reading.error == .lost(topic: "lost", partition: 0, [OffsetRange(start: 2, end: start)]))
        }

        @Test("are a gap, behind which reading goes on, when the job allows it")
        func skip() async throws {
            let (reading, start) = try await readOverLoss("skipped", [0..<30], onDataLoss: .skip)
            #expect(start > 2)
            #expect(reading.error == nil && reading.isAtEnd)
            #expect(reading.gaps == [OffsetRange(start: 2, end: start)])
            #expect(reading.offsets == [0, 1] + Array(start..<30))
            #expect(reading.records.allSatisfy { $0.message == Self.large(Int($0.offset)..<Int($0.offset) + 1).first })
            #expect(reading.absent == 0)
        }

        @Test("are a gap in each range that they lie in, and may be all that a range had")
        func skipSeveralRanges() async throws {
            let (reading, start) = try await readOverLoss("holes", [0..<3, 4..<5, 6..<29], onDataLoss: .skip)
            #expect(start > 6)
            #expect(reading.error == nil && reading.isAtEnd)
            #expect(reading.gaps == [OffsetRange(2..<3), OffsetRange(4..<5), OffsetRange(start: 6, end: start)])
            #expect(reading.offsets == [0, 1] + Array(start..<29))
        }

        @Test("are not behind the chunk that came before them, from whose end the next run goes on")
        func endOfChunkBeforeLoss() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(Self.large(0..<8), to: "boundary", batchSize: 1)
            mock.failNext(
                .fetch, with: [.success, .success, .success] + [MockAnswer](repeating: .notLeader, count: 1000))
            let consumer = try TestCluster.consumer(limits: TestCluster.limits(chunkBytes: 300_000))
            var reader = consumer.reader(topic: "boundary", partition: 0, ranges: [OffsetRange(0..<30)], from: 0)
            var reading = Reading()
            await reading.read(&reader) { $0.records.count == 2 }
            try mock.produce(Self.large(8..<30), to: "boundary", batchSize: 1)
            mock.stopFailing(.fetch)
            // The third message waits in the reader's queue. Time enough for the loss to come behind it.
            try await Task.sleep(for: .seconds(1))
            await reading.read(&reader)
            #expect(reading.offsets == [0, 1, 2])
            #expect(reading.ends == [2, 3])
            guard case .lost("boundary", 0, let lost) = reading.error else {
                Issue.record("\(String(describing: reading.error))")
                return
            }
            #expect(lost.map(\.start) == [3])
            #expect(reader.position == .offset(3))
        }

        @Test("at the end, where the log is shorter than it was, are no gap")
        func truncated() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(MockMessage.numbered(0..<50), to: "truncated")
            for onDataLoss in KafkaSource.DataLoss.allCases {
                let reading = await Reading.all(
                    of: "truncated", ranges: [OffsetRange(0..<100)], from: 60,
                    with: try TestCluster.consumer(onDataLoss: onDataLoss))
                #expect(reading.records.isEmpty && reading.gaps.isEmpty)
                #expect(reading.error == .truncated(topic: "truncated", partition: 0, offset: 60, endOfLog: 50))
            }
        }

        @Test("are looked for again until a broker answers")
        func unansweredLookUp() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(MockMessage.numbered(0..<50), to: "patient")
            mock.failNext(.fetch, with: [.offsetOutOfRange, .offsetOutOfRange])
            mock.failNext(.listOffsets, with: [.notLeader])
            defer {
                mock.stopFailing(.fetch)
                mock.stopFailing(.listOffsets)
            }
            let reading = await Reading.all(
                of: "patient", ranges: [OffsetRange(0..<50)], with: try TestCluster.consumer())
            #expect(reading.error == nil)
            #expect(reading.holds(MockMessage.numbered(0..<50)))
        }
    }
}
