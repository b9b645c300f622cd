import BackfillCore
import Checkpoints
import Synchronization

/// Decides about rejected records as the job's policy says.
final class RejectLog: Sendable {
    private let document: CheckpointDocument
    private let policy: RejectPolicy
    /// nil in a dry run and where the policy keeps no file.
    private let file: Mutex<RejectFile?>

    init(document: CheckpointDocument, policy: RejectPolicy, isDryRun: Bool) throws(CheckpointError) {
        self.document = document
        self.policy = policy
        guard case .file(let path, _) = policy, !isDryRun else {
            self.file = Mutex(nil)
            return
        }
        self.file = Mutex(
            try RejectFile(path: path, counted: document.counts.rejected) { unit, position in
                document.isSettled(position, ofUnit: unit)
            })
    }

    /// Keeps a chunk's rejects; they are durable when this returns.
    ///
    /// - Throws: `EngineError` when the policy says to stop, `CheckpointError` when the file cannot be written.
    func keep(_ rejects: [Reject]) throws {
        guard let first = rejects.first, let last = rejects.last else { return }
        switch policy {
        case .fail:
            throw EngineError.rejected(
                place: place(of: first), reason: first.reason, isDump: !document.job.files.isEmpty)
        case .file(let path, let maximum):
            let total = try file.withLock { file in
                try file?.append(rejects)
                return file?.count ?? 0
            }
            guard total <= maximum else {
                throw EngineError.tooManyRejects(
                    maximum: maximum, path: path, place: place(of: last), reason: last.reason)
            }
        }
    }

    private func place(of reject: Reject) -> String {
        document.text(of: reject.position, in: document.units[reject.unit])
    }
}
