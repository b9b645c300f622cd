import BackfillCore
import Checkpoints
import Synchronization

/// Holds the trackers of all units and writes the checkpoint from them.
final class CheckpointKeeper: Sendable {
    private struct State {
        var document: CheckpointDocument
        var trackers: [AckTracker]
    }

    /// nil in a dry run.
    private let file: CheckpointFile?
    private let now: @Sendable () -> String
    private let state: Mutex<State>

    init(document: CheckpointDocument, file: CheckpointFile?, now: @escaping @Sendable () -> String) {
        self.file = file
        self.now = now
        self.state = Mutex(
            State(
                document: document,
                trackers: document.units.map {
                    AckTracker(watermark: $0.position, counts: $0.counts, gaps: $0.gaps, anchor: $0.anchor)
                }))
    }

    /// The state of things, as it would be stored now.
    var document: CheckpointDocument {
        state.withLock { state in
            for (index, tracker) in state.trackers.enumerated() {
                state.document.units[index].position = tracker.watermark
                state.document.units[index].counts = tracker.counts
                state.document.units[index].gaps = tracker.gaps
                state.document.units[index].anchor = tracker.anchor
            }
            return state.document
        }
    }

    /// Expects a chunk's operations to be settled.
    func track(_ chunk: DecodedChunk, unit: Int, bytes: Int) -> RowBatch.ChunkToken {
        track(
            unit: unit, open: chunk.operations.count, counts: chunk.counts, end: chunk.end, gaps: chunk.gaps,
            anchor: chunk.anchor, bytes: bytes)
    }

    /// Moves a unit to its end once everything before it is settled.
    func finish(unit: Int, at end: SourcePosition) {
        _ = track(unit: unit, open: 0, counts: RecordCounts(), end: end, gaps: [], anchor: nil, bytes: 0)
    }

    /// Takes note of what has become of operations.
    ///
    /// - Parameter shares: for each of the chunks.
    /// - Returns: the bytes that are free again.
    func settle(_ tokens: [RowBatch.ChunkToken], _ shares: [RowBatch.Share]) -> Int {
        state.withLock { state in
            var freed = 0
            for (token, share) in zip(tokens, shares) where share.total > 0 {
                freed += state.trackers[token.unit].settle(token.sequence, share)
            }
            return freed
        }
    }

    /// Writes the checkpoint, durably, if it is not what is on disk already.
    func save(saved: inout CheckpointDocument?) throws(CheckpointError) {
        guard let file else { return }
        var current = document
        guard current != saved else { return }
        saved = current
        current.updatedAt = now()
        try file.save(current)
    }

    /// Writes the checkpoint of a run that has come to its end, or to an error.
    func close(lastError: String?) throws(CheckpointError) {
        guard let file else { return }
        var current = document
        current.lastError = lastError
        current.updatedAt = now()
        try file.save(current)
    }

    private func track(
        unit: Int, open: Int, counts: RecordCounts, end: SourcePosition, gaps: [OffsetRange],
        anchor: LogAnchor?, bytes: Int
    ) -> RowBatch.ChunkToken {
        state.withLock { state in
            RowBatch.ChunkToken(
                unit: unit,
                sequence: state.trackers[unit].track(
                    open: open, counts: counts, end: end, gaps: gaps, anchor: anchor, bytes: bytes))
        }
    }
}
