import BackfillCore
import Synchronization

/// An ordered write queue: what goes in is batched and comes out in order, to one worker with one request in flight.
/// All records of a key pass one lane, so a key's writes are never in flight together.
final class Lane: Sendable {
    private struct State {
        var builder: BatchBuilder
        var ready: [RowBatch] = []
        var isUrgent = false
        var isClosed = false
        var worker: CheckedContinuation<RowBatch?, Never>?
    }

    private let index: Int
    private let state: Mutex<State>

    init(index: Int, batchRows: Int, batchBytes: Int, versions: RowVersions?) {
        self.index = index
        self.state = Mutex(
            State(builder: BatchBuilder(maximumRows: batchRows, maximumBytes: batchBytes, versions: versions)))
    }

    /// Takes this lane's share of a chunk.
    func add(_ chunk: DecodedChunk, token: RowBatch.ChunkToken) {
        hand { state in
            state.builder.add(chunk, token: token, lane: index) { state.ready.append($0) }
        }
    }

    /// Lets the worker have a batch that is not full, once it has nothing else to do.
    func flush() {
        hand { $0.isUrgent = true }
    }

    /// Nothing more will be added: the worker gets what is left, and then nil.
    func close() {
        hand { $0.isClosed = true }
    }

    /// The next batch for the lane's only worker; nil when the lane is closed and empty, or the task cancelled.
    func next() async -> RowBatch? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                hand { $0.worker = continuation }
            }
        } onCancel: {
            hand { state in
                state.ready = []
                _ = state.builder.take()
                state.isClosed = true
            }
        }
    }

    /// Changes the state and then, outside of the lock, gives the waiting worker what there is for it.
    private func hand(_ change: (inout State) -> Void) {
        let (worker, batch) = state.withLock { state -> (CheckedContinuation<RowBatch?, Never>?, RowBatch?) in
            change(&state)
            guard state.worker != nil else { return (nil, nil) }
            var batch: RowBatch?
            if !state.ready.isEmpty {
                batch = state.ready.removeFirst()
            } else if state.isUrgent || state.isClosed {
                batch = state.builder.take()
                // A wish that found nothing stays: it is for the rows of a chunk that is on its way.
                if batch != nil { state.isUrgent = false }
            }
            guard batch != nil || state.isClosed else { return (nil, nil) }
            defer { state.worker = nil }
            return (state.worker, batch)
        }
        worker?.resume(returning: batch)
    }
}
