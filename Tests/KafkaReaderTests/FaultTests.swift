import BackfillCore
import KafkaReader
import MockKafka
import Testing

extension MockClusterTests {
    @Suite("faults of brokers")
    struct FaultTests {
        /// One batch for each answer of a broker, so that a fault can come in between.
        private static let batchSize = 10
        private static let messages = MockMessage.numbered(0..<100)
        private static let range = [OffsetRange(0..<100)]

        /// Reads the beginning of a topic while its brokers refuse to send more than that.
        private func readBeginning(
            of topic: String, _ mock: MockKafka, with consumer: KafkaConsumer, _ reading: inout Reading
        ) async throws -> PartitionReader {
            try mock.produce(Self.messages, to: topic, batchSize: Self.batchSize)
            mock.failNext(.fetch, with: [.success, .success] + [MockAnswer](repeating: .notLeader, count: 1000))
            var reader = consumer.reader(topic: topic, partition: 0, ranges: Self.range, from: 0)
            await reading.read(&reader) { $0.records.count == 2 * Self.batchSize }
            #expect(reading.error == nil)
            return reader
        }

        @Test(
            "that pass are ridden out",
            arguments: [
                .corruptMessage, .requestTimedOut, .unknownServerError, .unknownLeaderEpoch, .notLeader,
                .unknownTopicOrPartition, .leaderNotAvailable, .replicaNotAvailable, .brokerNotAvailable, .storageError,
                .fencedLeaderEpoch, .offsetNotAvailable, .offsetOutOfRange, .disconnect,
            ] as [MockAnswer])
        func passing(answer: MockAnswer) async throws {
            let mock = try TestCluster.shared()
            let topic = "passing-\(answer)"
            try mock.produce(Self.messages, to: topic, batchSize: Self.batchSize)
            mock.failNext(.fetch, with: [.success, .success, answer])
            defer { mock.stopFailing(.fetch) }
            let reading = await Reading.all(
                of: topic, ranges: Self.range, with: try TestCluster.consumer())
            #expect(reading.error == nil)
            #expect(reading.holds(Self.messages))
            #expect(reading.absent == 0 && reading.gaps.isEmpty)
        }

        @Test("that refuse the user end the reading at once, behind what came before")
        func denied() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(Self.messages, to: "denied", batchSize: Self.batchSize)
            mock.failNext(.fetch, with: [.success, .success, .topicAuthorizationFailed])
            defer { mock.stopFailing(.fetch) }
            let reading = await Reading.all(of: "denied", ranges: Self.range, with: try TestCluster.consumer())
            guard case .denied(let words) = reading.error else {
                Issue.record("\(String(describing: reading.error))")
                return
            }
            #expect(words.contains("Topic authorization failed: denied-0"))
            #expect(reading.holds(Self.messages.prefix(20)))
        }

        @Test("A broker that is away for two seconds is waited for")
        func brokerDown() async throws {
            let mock = try TestCluster.shared()
            let troubles = EventLog()
            let consumer = try TestCluster.consumer(onEvent: troubles.add)
            var reading = Reading()
            var reader = try await readBeginning(of: "down", mock, with: consumer, &reading)
            try mock.stop()
            mock.stopFailing(.fetch)
            let idleSteps = reading.idleSteps
            await reading.read(&reader) { $0.idleSteps > idleSteps + 20 }
            #expect(reading.records.count == 20)
            try mock.start()
            await reading.read(&reader)
            #expect(reading.error == nil)
            #expect(reading.holds(Self.messages))
            #expect(troubles.all.contains { if case .trouble = $0 { true } else { false } })
        }

        @Test("A partition is followed to its new leader")
        func leaderMoves() async throws {
            let mock = try TestCluster.shared()
            let consumer = try TestCluster.consumer()
            var reading = Reading()
            var reader = try await readBeginning(of: "moving", mock, with: consumer, &reading)
            for leader in [2, 1, 2] as [Int32] { try mock.setLeader(of: "moving", to: leader) }
            mock.stopFailing(.fetch)
            await reading.read(&reader)
            #expect(reading.error == nil)
            #expect(reading.holds(Self.messages))
        }

        @Test("A partition whose leader never sends more is given up after the time for that")
        func stalled() async throws {
            let mock = try TestCluster.shared()
            let consumer = try TestCluster.consumer(limits: TestCluster.limits(stallTime: .seconds(3)))
            var reading = Reading()
            var reader = try await readBeginning(of: "stalled", mock, with: consumer, &reading)
            defer { mock.stopFailing(.fetch) }
            await reading.read(&reader)
            guard case .stalled("stalled", 0, 20, 3..., nil) = reading.error else {
                Issue.record("\(String(describing: reading.error))")
                return
            }
            #expect(reading.holds(Self.messages.prefix(20)))
        }

        @Test("A partition without a leader is given up with the reason")
        func leaderless() async throws {
            let mock = try TestCluster.shared()
            let consumer = try TestCluster.consumer(limits: TestCluster.limits(stallTime: .seconds(3)))
            var reading = Reading()
            var reader = try await readBeginning(of: "leaderless", mock, with: consumer, &reading)
            try mock.setLeader(of: "leaderless", to: nil)
            mock.stopFailing(.fetch)
            await reading.read(&reader)
            guard case .stalled("leaderless", 0, 20, 3..., "the partition has no leader") = reading.error else {
                Issue.record("\(String(describing: reading.error))")
                return
            }
        }

        @Test("A topic that is gone, or hidden, is named when the reading is given up")
        func topicGone() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(Self.messages, to: "gone")
            mock.setMetadataAnswer(.unknownTopicOrPartition, for: "gone")
            let consumer = try TestCluster.consumer(limits: TestCluster.limits(stallTime: .seconds(1)))
            let gone = await Reading.all(of: "gone", ranges: Self.range, with: consumer)
            mock.setMetadataAnswer(.topicAuthorizationFailed, for: "gone")
            let hidden = await Reading.all(of: "gone", ranges: Self.range, with: consumer)
            mock.setMetadataAnswer(nil, for: "gone")
            #expect("\(String(describing: gone.error))".contains("the topic does not exist any more"))
            guard case .denied(let words) = hidden.error else {
                Issue.record("\(String(describing: hidden.error))")
                return
            }
            #expect(words.contains("Topic authorization failed"))
        }

        @Test("An end of the log before the range's end is waited at, and told when it is given up")
        func endBeforeRange() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(Array(Self.messages.prefix(60)), to: "growing")
            let consumer = try TestCluster.consumer(limits: TestCluster.limits(stallTime: .seconds(3)))
            var reader = consumer.reader(topic: "growing", partition: 0, ranges: Self.range, from: 0)
            var reading = Reading()
            await reading.read(&reader) { $0.idleSteps > 0 }
            try mock.produce(Array(Self.messages[60..<90]), to: "growing")
            await reading.read(&reader)
            #expect(reading.holds(Self.messages.prefix(90)))
            guard case .stalled(_, _, 90, _, let words) = reading.error else {
                Issue.record("\(String(describing: reading.error))")
                return
            }
            #expect(words == "the log ends at 90")
        }

        @Test("Brokers that cannot be reached are told of when the reading is given up")
        func unreachable() async throws {
            let consumer = try TestCluster.consumer(
                ["bootstrap.servers": "127.0.0.1:1"], limits: TestCluster.limits(stallTime: .seconds(1)))
            let reading = await Reading.all(of: "nowhere", ranges: Self.range, with: consumer)
            guard case .stalled(_, _, 0, _, let words) = reading.error else {
                Issue.record("\(String(describing: reading.error))")
                return
            }
            #expect(words?.contains("Connection refused") == true)
        }

        @Test("The trouble of one partition's broker is told although other partitions go on")
        func troubleOfOneBroker() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(Self.messages, to: "halves", 0)
            try mock.produce(Self.messages, to: "halves", 1)
            try mock.setLeader(of: "halves", 0, to: 1)
            try mock.setLeader(of: "halves", 1, to: 2)
            let consumer = try TestCluster.consumer(concurrency: 2, limits: TestCluster.limits(stallTime: .seconds(3)))
            #expect(await Reading.all(of: "halves", ranges: Self.range, with: consumer).holds(Self.messages))
            try mock.stop(broker: 2)
            var reader = consumer.reader(topic: "halves", partition: 1, ranges: Self.range, from: 0)
            var reading = Reading()
            while reading.error == nil {
                await reading.read(&reader) { $0.idleSteps % 3 == 2 }
                reading.idleSteps += 1
                #expect(await Reading.all(of: "halves", ranges: Self.range, with: consumer).holds(Self.messages))
            }
            try mock.start(broker: 2)
            guard case .stalled("halves", 1, 0, _, let words) = reading.error else {
                Issue.record("\(String(describing: reading.error))")
                return
            }
            #expect(words?.contains("Connect to") == true)
        }

        @Test("A batch with a wrong checksum is neither delivered nor passed over")
        func wrongChecksum() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(Array(Self.messages.prefix(10)), to: "damaged")
            try mock.produceDamagedBatch(to: "damaged", skipTo: 50)
            try mock.produce(Array(Self.messages.dropFirst(11)), to: "damaged")
            let consumer = try TestCluster.consumer(limits: TestCluster.limits(stallTime: .seconds(2)))
            let reading = await Reading.all(of: "damaged", ranges: Self.range, with: consumer)
            #expect(reading.holds(Self.messages.prefix(10)))
            #expect(reading.absent == 0)
            guard case .stalled(_, _, 10, _, let words) = reading.error else {
                Issue.record("\(String(describing: reading.error))")
                return
            }
            #expect(words?.contains("CRC") == true)
        }
    }
}
