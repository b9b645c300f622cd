import BackfillCore
import KafkaReader
import MockKafka
import TestSupport
import Testing

extension MockClusterTests {
    @Suite("reading")
    struct ReadingTests {
        @Test("copies every part of every message", arguments: 1...8)
        func everyPart(seed: Int) async throws {
            var random = SeededGenerator(seed: seed)
            let messages = (0..<random.number(1...600)).map { _ in MockMessage.random(&random) }
            let topic = "parts-\(seed)"
            try TestCluster.shared().produce(messages, to: topic, batchSize: random.number(1...200))
            let consumer = try TestCluster.consumer(
                limits: TestCluster.limits(chunkBytes: random.number(1...20_000)))
            let reading = await Reading.all(of: topic, ranges: [OffsetRange(0..<messages.count)], with: consumer)
            #expect(reading.error == nil)
            #expect(reading.holds(messages))
            #expect(reading.ends == reading.ends.sorted() && reading.ends.last == Int64(messages.count))
            #expect(reading.absent == 0 && reading.gaps.isEmpty)
        }

        @Test("understands every codec", arguments: Codec.allCases)
        func codecs(codec: Codec) async throws {
            let messages = (0..<2000).map { MockMessage("\($0) \(String(repeating: "compressible ", count: $0 % 20))") }
            let topic = "codec-\(codec)"
            try TestCluster.shared().produce(messages, to: topic, codec: codec, batchSize: 300)
            let reading = await Reading.all(
                of: topic, ranges: [OffsetRange(0..<1000), OffsetRange(1010..<2000)], with: try TestCluster.consumer())
            #expect(reading.error == nil)
            #expect(reading.offsets == Array(0..<1000) + Array(1010..<2000))
            #expect(reading.records.allSatisfy { $0.message == messages[Int($0.offset)] })
        }

        @Test("takes what lies in the ranges and nothing else, from any position")
        func ranges() async throws {
            let messages = MockMessage.numbered(0..<300)
            try TestCluster.shared().produce(messages, to: "ranges", batchSize: 25)
            let consumer = try TestCluster.consumer()
            func offsets(_ ranges: [Range<Int>], from position: Int64? = nil) async -> [Int64] {
                let reading = await Reading.all(
                    of: "ranges", ranges: ranges.map { OffsetRange($0) }, from: position, with: consumer)
                #expect(reading.isAtEnd && reading.absent == 0 && reading.gaps.isEmpty)
                #expect(reading.records.allSatisfy { $0.message == messages[Int($0.offset)] })
                return reading.offsets
            }
            #expect(await offsets([0..<300]) == Array(0..<300))
            #expect(await offsets([60..<61]) == [60])
            // In the middle of batches, and over their borders.
            #expect(await offsets([110..<117]) == Array(110..<117))
            #expect(
                await offsets([10..<30, 30..<31, 140..<160, 299..<300]) == Array(10..<31) + Array(140..<160) + [299])
            #expect(await offsets([5..<5, 20..<20]) == [])
            #expect(await offsets([300..<300]) == [])
            #expect(await offsets([10..<20, 30..<40], from: 15) == Array(15..<20) + Array(30..<40))
            #expect(await offsets([10..<20, 30..<40], from: 40) == [])
        }

        @Test("knows its position after every chunk, from which another reader goes on")
        func position() async throws {
            let messages = MockMessage.numbered(0..<500)
            try TestCluster.shared().produce(messages, to: "position", batchSize: 40)
            let consumer = try TestCluster.consumer(limits: TestCluster.limits(chunkBytes: 300))
            let ranges = [OffsetRange(3..<200), OffsetRange(250..<500)]
            var reading = Reading()
            var position: Int64 = 3
            while !reading.isAtEnd, reading.error == nil {
                var reader = consumer.reader(topic: "position", partition: 0, ranges: ranges, from: position)
                let chunks = reading.ends.count
                await reading.read(&reader) { $0.ends.count >= chunks + 3 }
                guard case .offset(let next) = reader.position else {
                    Issue.record("\(reader.position)")
                    return
                }
                #expect(next == reading.ends.last)
                position = next
            }
            #expect(reading.error == nil)
            #expect(reading.offsets == Array(3..<200) + Array(250..<500))
            #expect(position == 500)
        }

        @Test("reads several partitions at the same time through one consumer", arguments: [1, 3])
        func severalPartitions(processors: Int) async throws {
            let mock = try TestCluster.shared()
            let topic = "wide-\(processors)"
            try mock.createTopic(topic, partitions: 6)
            for partition in 0..<6 {
                try mock.produce(
                    MockMessage.numbered(0..<3000, of: "p\(partition)"), to: topic, Int32(partition), batchSize: 100)
            }
            let consumer = try TestCluster.consumer(concurrency: 6, processors: processors)
            await withTaskGroup(of: Void.self) { group in
                for partition in 0..<6 {
                    group.addTask {
                        let reading = await Reading.all(
                            of: topic, partition: Int32(partition), ranges: [OffsetRange(0..<3000)], with: consumer)
                        #expect(reading.error == nil)
                        #expect(reading.holds(MockMessage.numbered(0..<3000, of: "p\(partition)")))
                    }
                }
            }
        }

        @Test("is not misled by what a job sets against the program's promises")
        func fixedProperties() async throws {
            try TestCluster.shared().produce(MockMessage.numbered(0..<10), to: "fixed")
            let consumer = try TestCluster.consumer([
                "auto.offset.reset": "latest", "enable.partition.eof": "false", "enable.auto.commit": "true",
            ])
            let reading = await Reading.all(of: "fixed", ranges: [OffsetRange(20..<30)], with: consumer)
            #expect(reading.error == .truncated(topic: "fixed", partition: 0, offset: 20, endOfLog: 10))
        }

        @Test("commits nothing for the group of the job")
        func noCommit() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(MockMessage.numbered(0..<100), to: "group")
            try mock.commit(5, of: "group", group: "reader")
            let properties = ["group.id": "reader", "auto.commit.interval.ms": "10"]
            do {
                let reading = await Reading.all(
                    of: "group", ranges: [OffsetRange(0..<50), OffsetRange(60..<100)],
                    with: try TestCluster.consumer(properties))
                #expect(reading.records.count == 90)
            }
            let range = TopicRange(topic: "group", partitions: [0...0], start: .committed, end: .latest)
            let cluster = try KafkaCluster(TestCluster.source(properties, ranges: [range])) { _ in }
            #expect(try await cluster.resolveRanges(now: 0).map(\.ranges) == [[OffsetRange(5..<100)]])
        }

        @Test("needs no permission for the group of the job")
        func forbiddenGroup() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(MockMessage.numbered(0..<100), to: "forbidden-group")
            mock.failNext(
                .findCoordinator, with: [MockAnswer](repeating: .groupAuthorizationFailed, count: 100))
            defer { mock.stopFailing(.findCoordinator) }
            let consumer = try TestCluster.consumer(["group.id": "forbidden"])
            for _ in 0..<5 {
                let reading = await Reading.all(of: "forbidden-group", ranges: [OffsetRange(0..<100)], with: consumer)
                #expect(reading.error == nil)
                #expect(reading.holds(MockMessage.numbered(0..<100)))
            }
        }

        @Test("takes its time with brokers that are far away")
        func slowBrokers() async throws {
            let mock = try TestCluster.shared()
            let messages = MockMessage.numbered(0..<40)
            try mock.produce(messages, to: "slow", batchSize: 10)
            try mock.setRoundTripTime(milliseconds: 150)
            let reading = await Reading.all(
                of: "slow", ranges: [OffsetRange(0..<40)], with: try TestCluster.consumer())
            try mock.setRoundTripTime(milliseconds: 0)
            #expect(reading.error == nil && reading.idleSteps > 0)
            #expect(reading.holds(messages))
        }

        @Test("holds back when nobody takes what it has read, and loses nothing")
        func backPressure() async throws {
            let mock = try TestCluster.shared()
            let size = 1000
            let messages = (0..<1500).map { MockMessage(value: [UInt8](repeating: UInt8($0 % 251), count: size)) }
            try mock.produce(messages, to: "pressure", batchSize: 20)
            var limits = TestCluster.limits(chunkBytes: size)
            limits.queueBytes = 300_000
            let consumer = try TestCluster.consumer(limits: limits)
            var reader = consumer.reader(topic: "pressure", partition: 0, ranges: [OffsetRange(0..<1500)], from: 0)
            var reading = Reading()
            await reading.read(&reader) { !$0.records.isEmpty }
            // Time enough to fetch everything.
            try await Task.sleep(for: .milliseconds(500))
            try mock.stop()
            await reading.read(&reader) { $0.idleSteps > 0 }
            // What was read ahead: the queue, and what the reader has taken over from it at once.
            #expect(reading.records.count * size <= limits.queueBytes * 2)
            try mock.start()
            await reading.read(&reader)
            #expect(reading.error == nil)
            #expect(reading.holds(messages))
        }
    }
}
