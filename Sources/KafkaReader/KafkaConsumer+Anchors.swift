public import BackfillCore

extension KafkaConsumer {
    /// How many logs are looked at together.
    private static let concurrentChecks = 8

    /// Checks that logs hold the messages that were read from them. One that is not there any more says nothing: it was
    /// compacted, or its time was over.
    ///
    /// The consumer's source must have `onDataLoss: skip`.
    ///
    /// - Throws: `KafkaError.replaced`, and whatever keeps brokers from answering.
    public func requireMessages(_ anchors: [(topic: String, partition: Int32, anchor: LogAnchor)]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, (topic, partition, anchor)) in anchors.enumerated() {
                if index >= Self.concurrentChecks { try await group.next() }
                group.addTask { try await self.requireMessage(anchor, of: topic, partition) }
            }
            try await group.waitForAll()
        }
    }

    private func requireMessage(_ anchor: LogAnchor, of topic: String, _ partition: Int32) async throws {
        var reader = reader(
            topic: topic, partition: partition,
            ranges: [OffsetRange(start: anchor.offset, end: anchor.offset + 1)], from: anchor.offset)
        while true {
            try Task.checkCancellation()
            switch try await reader.next() {
            case .chunk(.messages(let chunk)):
                guard let found = chunk.messages.first(where: { $0.offset == anchor.offset }) else { continue }
                guard LogAnchor(found, of: chunk.bytes.span) == anchor else {
                    throw KafkaError.replaced(topic: topic, partition: partition, offset: anchor.offset)
                }
                return
            case .chunk(.lines), .idle: continue
            case .end: return
            }
        }
    }
}
