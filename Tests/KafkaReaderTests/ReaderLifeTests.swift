import BackfillCore
import KafkaReader
import MockKafka
import Testing

extension MockClusterTests {
    @Suite("a reader")
    struct ReaderLifeTests {
        /// Reads a little with a reader that nobody keeps.
        private func readSome(of topic: String, with consumer: KafkaConsumer) async -> Reading {
            var reader = consumer.reader(topic: topic, partition: 0, ranges: [OffsetRange(0..<1000)], from: 0)
            var reading = Reading()
            await reading.read(&reader) { !$0.records.isEmpty }
            return reading
        }

        @Test(
            "that is dropped on its way makes room at once for another of its partition", arguments: [nil, "readers"])
        func dropped(group: String?) async throws {
            let messages = MockMessage.numbered(0..<1000)
            let topic = "dropped-\(group ?? "")"
            try TestCluster.shared().produce(messages, to: topic, batchSize: 10)
            let consumer = try TestCluster.consumer(
                group.map { ["group.id": $0] } ?? [:], limits: TestCluster.limits(chunkBytes: 100))
            for _ in 0..<20 {
                let some = await readSome(of: topic, with: consumer)
                #expect(!some.records.isEmpty && some.holds(messages.prefix(some.records.count)))
            }
            let reading = await Reading.all(of: topic, ranges: [OffsetRange(0..<1000)], with: consumer)
            #expect(reading.error == nil)
            #expect(reading.holds(messages))
        }

        @Test("outlives its consumer")
        func outlivesConsumer() async throws {
            let messages = MockMessage.numbered(0..<100)
            try TestCluster.shared().produce(messages, to: "orphan")
            var reader = try TestCluster.consumer()
                .reader(topic: "orphan", partition: 0, ranges: [OffsetRange(0..<100)], from: 0)
            var reading = Reading()
            await reading.read(&reader)
            #expect(reading.holds(messages))
        }

        @Test("may be dropped unused, and with its consumer")
        func unused() async throws {
            try TestCluster.shared().produce(MockMessage.numbered(0..<100), to: "unused")
            for _ in 0..<5 {
                let consumer = try TestCluster.consumer()
                _ = consumer.reader(topic: "unused", partition: 0, ranges: [OffsetRange(0..<100)], from: 0)
                #expect(await readSome(of: "unused", with: consumer).error == nil)
            }
        }

        @Test("stays at its end, and repeats the error that ended it")
        func afterEnd() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(MockMessage.numbered(0..<10), to: "ended")
            let consumer = try TestCluster.consumer()
            var ended = consumer.reader(topic: "ended", partition: 0, ranges: [OffsetRange(0..<10)], from: 0)
            var failed = consumer.reader(topic: "ended", partition: 1, ranges: [OffsetRange(5..<10)], from: 5)
            for _ in 0..<2 {
                var reading = Reading()
                await reading.read(&ended)
                #expect(reading.isAtEnd)
                var failure = Reading()
                await failure.read(&failed)
                #expect(failure.error == .truncated(topic: "ended", partition: 1, offset: 5, endOfLog: 0))
            }
        }
    }
}
