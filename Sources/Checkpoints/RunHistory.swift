import Foundation

/// The last runs of a job, oldest first: one line of JSON each, in the file `<checkpoint>.history`.
///
/// Write to it only while the job's `RunLock` is held. All calls block their thread.
public struct RunHistory<Record: Codable & Sendable>: Sendable {
    /// How many runs are remembered.
    public static var capacity: Int { 1000 }

    private let file: AtomicFile

    /// - Parameter checkpoint: The path of the job's checkpoint.
    public init(checkpoint: String) {
        self.file = AtomicFile(path: checkpoint + ".history")
    }

    /// The runs that are remembered, and how many lines of the file hold none that this version can read.
    ///
    /// - Throws: `CheckpointError.system`.
    public func load() throws(CheckpointError) -> (records: [Record], unreadable: Int) {
        let lines = try lines()
        let records = lines.compactMap { try? JSONDecoder().decode(Record.self, from: Data($0)) }
        return (records, lines.count - records.count)
    }

    /// Adds a run, durably.
    ///
    /// - Parameter replacesLast: it takes the place of the one that was added last.
    /// - Throws: `CheckpointError.system`, `CheckpointError.unwritable`.
    public func add(_ record: Record, replacesLast: Bool = false) throws(CheckpointError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line: Data
        do {
            line = try encoder.encode(record)
        } catch {
            throw .unwritable(path: file.path, detail: String(describing: error))
        }
        let lines = try lines().dropLast(replacesLast ? 1 : 0) + [Array(line)[...]]
        try file.replace(with: Array(lines.suffix(Self.capacity).map { $0 + [UInt8(ascii: "\n")] }.joined()))
    }

    private func lines() throws(CheckpointError) -> [ArraySlice<UInt8>] {
        try file.read()?.split(separator: UInt8(ascii: "\n")) ?? []
    }
}
