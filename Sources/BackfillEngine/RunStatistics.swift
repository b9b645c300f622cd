public import BackfillCore
import Synchronization

/// What a run has done so far. Every number is of this run alone, not of the ones before it.
public struct RunStatistics: Sendable, Equatable {
    public var records = RecordCounts()
    /// How much was read, in the measure of `CheckpointDocument.size(of:)`.
    public var sizeRead = 0
    /// Bytes that were read: as they lie on disk for a dump, without compression for messages.
    public var bytesRead = 0
    /// Batches that the server acknowledged.
    public var requests = 0
    public var retries = 0

    public init() {}
}

/// The statistics of a run while it runs.
final class StatisticsBoard: Sendable {
    private let statistics = Mutex(RunStatistics())

    var current: RunStatistics { statistics.withLock(\.self) }

    func update(_ change: (inout RunStatistics) -> Void) {
        statistics.withLock { change(&$0) }
    }
}
