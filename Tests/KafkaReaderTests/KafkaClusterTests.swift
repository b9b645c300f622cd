import BackfillCore
import KafkaReader
import MockKafka
import Testing

extension MockClusterTests {
    @Suite("questions before reading")
    struct KafkaClusterTests {
        private func cluster(
            _ ranges: [TopicRange] = [], _ properties: [String: String] = [:], patience: Duration = .seconds(10)
        ) throws -> KafkaCluster {
            try KafkaCluster(TestCluster.source(properties, ranges: ranges), patience: patience) { _ in }
        }

        private func error(_ question: () async throws(KafkaError) -> Void) async -> KafkaError? {
            do throws(KafkaError) {
                try await question()
                return nil
            } catch {
                return error
            }
        }

        @Test("resolve the ranges of several partitions")
        func resolve() async throws {
            let mock = try TestCluster.shared()
            try mock.createTopic("asked", partitions: 3)
            try mock.produce(MockMessage.numbered(0..<20), to: "asked", 0)
            try mock.produce(MockMessage.numbered(0..<30), to: "asked", 2)
            try mock.commit(7, of: "asked", 2, group: "askers")
            let cluster = try cluster(
                [
                    TopicRange(topic: "asked", partitions: [0...1], start: .earliest, end: .latest),
                    TopicRange(topic: "asked", partitions: [2...2], start: .committed, end: .offset(12)),
                    // The mock finds nothing at any time, which is the end of the log.
                    TopicRange(topic: "asked", partitions: [2...2], start: .offset(20), end: .time(milliseconds: 5)),
                ], ["group.id": "askers"])
            #expect(
                try await cluster.resolveRanges(now: 1000) == [
                    PartitionRanges(topic: "asked", partition: 0, ranges: [OffsetRange(0..<20)]),
                    PartitionRanges(topic: "asked", partition: 1, ranges: [OffsetRange(0..<0)]),
                    PartitionRanges(
                        topic: "asked", partition: 2, ranges: [OffsetRange(7..<12), OffsetRange(20..<30)]),
                ])
        }

        @Test("name the cluster, always the same")
        func id() async throws {
            let first = try await cluster().id()
            #expect(first?.isEmpty == false)
            #expect(try await cluster().id() == first)
        }

        @Test("find unknown topics and partitions")
        func unknown() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(MockMessage.numbered(0..<1), to: "known")
            mock.setMetadataAnswer(.unknownTopicOrPartition, for: "unknown")
            let cluster = try cluster([
                TopicRange(topic: "unknown", start: .earliest, end: .latest),
                TopicRange(topic: "known", partitions: [4...4], start: .earliest, end: .latest),
            ])
            let found = await error { () throws(KafkaError) in _ = try await cluster.resolveRanges(now: 0) }
            #expect(
                found
                    == .badRanges([
                        "the topic `unknown` does not exist", "the topic `known` has no partition 4 (it has 4)",
                    ]))
        }

        @Test("are asked again while brokers are not ready")
        func passingFaults() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(MockMessage.numbered(0..<3), to: "starting")
            mock.failNext(.listOffsets, with: [.notLeader, .leaderNotAvailable, .requestTimedOut])
            defer { mock.stopFailing(.listOffsets) }
            let cluster = try cluster([
                TopicRange(topic: "starting", partitions: [0...0], start: .earliest, end: .latest)
            ])
            #expect(try await cluster.resolveRanges(now: 0).map(\.ranges) == [[OffsetRange(0..<3)]])
        }

        @Test("end at once when the user is refused")
        func denied() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(MockMessage.numbered(0..<3), to: "forbidden")
            let cluster = try cluster([TopicRange(topic: "forbidden", start: .earliest, end: .latest)])
            mock.setMetadataAnswer(.topicAuthorizationFailed, for: "forbidden")
            let byMetadata = await error { () throws(KafkaError) in _ = try await cluster.resolveRanges(now: 0) }
            mock.setMetadataAnswer(nil, for: "forbidden")
            mock.failNext(.listOffsets, with: [MockAnswer](repeating: .topicAuthorizationFailed, count: 10))
            let byOffsets = await error { () throws(KafkaError) in _ = try await cluster.resolveRanges(now: 0) }
            mock.stopFailing(.listOffsets)
            mock.failNext(.findCoordinator, with: [MockAnswer](repeating: .groupAuthorizationFailed, count: 10))
            let ofGroup = try self.cluster(
                [TopicRange(topic: "forbidden", start: .committed, end: .latest)], ["group.id": "forbidden"],
                patience: .milliseconds(500))
            let byGroup = await error { () throws(KafkaError) in _ = try await ofGroup.resolveRanges(now: 0) }
            mock.stopFailing(.findCoordinator)
            mock.failNext(.offsetFetch, with: [MockAnswer](repeating: .groupAuthorizationFailed, count: 10))
            let byCommitted = await error { () throws(KafkaError) in _ = try await ofGroup.resolveRanges(now: 0) }
            mock.stopFailing(.offsetFetch)
            for (found, cause) in [
                (byMetadata, "Topic"), (byOffsets, "Topic"), (byGroup, "Group"), (byCommitted, "Group"),
            ] {
                guard case .denied(let words) = found else {
                    Issue.record("\(String(describing: found))")
                    continue
                }
                #expect(words.contains("\(cause) authorization failed"))
            }
        }

        @Test("end when no broker answers in time")
        func unreachable() async throws {
            let cluster = try cluster([], ["bootstrap.servers": "127.0.0.1:1"], patience: .seconds(1))
            let clock = ContinuousClock()
            let start = clock.now
            let found = await error { () throws(KafkaError) in _ = try await cluster.id() }
            // Ten seconds are what it would wait by itself.
            #expect(start.duration(to: clock.now) < .seconds(9))
            guard case .unreachable("127.0.0.1:1", let words) = found else {
                Issue.record("\(String(describing: found))")
                return
            }
            #expect(words.contains("Connection refused"))
            #expect(found?.exitStatus == .temporarilyUnavailable)
        }

        @Test("find out whether logs still reach to where they did")
        func requireLogs() async throws {
            let mock = try TestCluster.shared()
            try mock.produce(MockMessage.numbered(0..<20), to: "reaching", 1)
            let cluster = try cluster()
            try await cluster.requireLogs(reachTo: [("reaching", 1, 20), ("reaching", 0, 0)])
            try await cluster.requireLogs(reachTo: [])
            let short = await error { () throws(KafkaError) in
                try await cluster.requireLogs(reachTo: [("reaching", 0, 0), ("reaching", 1, 21)])
            }
            #expect(short == .truncated(topic: "reaching", partition: 1, offset: 21, endOfLog: 20))
            #expect(short?.exitStatus == .foreignCheckpoint)
            mock.setMetadataAnswer(.unknownTopicOrPartition, for: "vanished")
            let gone = await error { () throws(KafkaError) in
                try await cluster.requireLogs(reachTo: [("vanished", 0, 5), ("reaching", 9, 1)])
            }
            #expect(
                gone
                    == .gone([
                        "the topic `reaching` has no partition 9 any more",
                        "the topic `vanished` does not exist any more",
                    ]))
            #expect(gone?.exitStatus == .foreignCheckpoint)
        }
    }
}
