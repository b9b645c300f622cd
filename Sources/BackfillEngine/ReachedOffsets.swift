public import BackfillCore
public import KafkaReader

/// How far a job has come in the partitions that it reads.
public struct ReachedOffsets: Sendable {
    private let positions: [(topic: String, partition: Int32, offset: Int64)]

    public init(_ document: CheckpointDocument) {
        positions = document.units.compactMap { unit in
            guard case .partition(let topic, let number, _) = unit.extent, case .offset(let offset) = unit.position
            else { return nil }
            return (topic, number, offset)
        }
    }

    /// Commits the offsets to a consumer group.
    ///
    /// - Throws: `KafkaError`.
    public func commit(
        _ source: KafkaSource, to group: String, onEvent: @escaping @Sendable (KafkaEvent) -> Void
    ) async throws(KafkaError) {
        // Those of topics that only an earlier backfill has read are not this job's lag.
        let positions = positions.filter { source.names($0.partition, of: $0.topic) }
        try await KafkaCluster.commit(positions, of: source, to: group, onEvent: onEvent)
    }
}
