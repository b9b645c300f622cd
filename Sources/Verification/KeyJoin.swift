public import BackfillCore
public import Checkpoints
import Glibc

/// Joins what the source says of every key with the rows of the collection, whatever their number, in bounded memory.
///
/// It is a Grace hash join: both sides are set apart by the hash of the key, and then the parts are joined one after the
/// other. A part with more keys than there is room for is set apart again. All calls block their thread.
public struct KeyJoin: ~Copyable, Sendable {
    private let path: String
    private let maximumKeys: Int
    private let calls: FileSystemCalls
    private var records: SpillFile
    private var rows: SpillFile

    /// - Parameters:
    ///   - path: beside which the temporary files lie, which have no names; they can be read by their owner alone.
    ///   - maximumKeys: of the source in memory at a time; a long key counts for several.
    /// - Throws: `CheckpointError.system`.
    public init(beside path: String, maximumKeys: Int = 200_000) throws(CheckpointError) {
        try self.init(beside: path, maximumKeys: maximumKeys, calls: .live)
    }

    package init(beside path: String, maximumKeys: Int, calls: FileSystemCalls) throws(CheckpointError) {
        let path = "\(path).\(getpid()).verify"
        let records = try SpillFile(path: path, level: 0, calls: calls)
        let rows = try SpillFile(path: path, level: 0, calls: calls)
        self.path = path
        self.maximumKeys = maximumKeys
        self.calls = calls
        self.records = records
        self.rows = rows
    }

    /// Takes the next record of a key in its unit.
    public mutating func add(_ record: KeyRecords.Record, of key: PrimaryKey) throws(CheckpointError) {
        try records.append(SpillEntry(record, of: key))
    }

    /// Takes a row of the collection.
    public mutating func add(
        row digest: RowDigest, version: RowVersion = .none, of key: PrimaryKey
    ) throws(CheckpointError) {
        let record = KeyRecords.Record(.row(digest), version: version, at: RecordPlace(unit: 0, file: 0, record: 0))
        try rows.append(SpillEntry(record, of: key))
    }

    /// Judges every key of both sides, each once, unless it is stopped.
    public func judge(
        isStopped: () -> Bool = { false }, _ take: (Verdict, PrimaryKey) -> Void
    ) throws(CheckpointError) {
        try judge(records, rows, level: 0, isStopped, take)
    }

    private func judge(
        _ records: borrowing SpillFile, _ rows: borrowing SpillFile, level: Int,
        _ isStopped: () -> Bool, _ take: (Verdict, PrimaryKey) -> Void
    ) throws(CheckpointError) {
        for partition in 0..<SpillFile.partitionCount where !isStopped() {
            var keys: [PrimaryKey: KeyRecords] = [:]
            var weight = 0
            try records.forEach(in: partition) { entry in
                if keys[entry.key] == nil { weight += entry.key.weight }
                keys[entry.key, default: KeyRecords()].add(entry.record)
                return weight <= maximumKeys
            }
            guard weight <= maximumKeys else {
                // What is in memory goes before the next level takes its room.
                keys = [:]
                try judge(
                    try apart(records, partition, level: level + 1), try apart(rows, partition, level: level + 1),
                    level: level + 1, isStopped, take)
                continue
            }
            try rows.forEach(in: partition) { entry in
                guard case .row(let digest) = entry.record.effect else { return true }
                let records = keys.removeValue(forKey: entry.key)
                take(records?.verdict(on: digest, version: entry.record.version) ?? .withoutRecord, entry.key)
                return true
            }
            for (key, records) in keys { take(records.verdict(on: nil), key) }
        }
    }

    /// The entries of a partition, set apart in another way.
    private func apart(
        _ file: borrowing SpillFile, _ partition: Int, level: Int
    ) throws(CheckpointError) -> SpillFile {
        var result = try SpillFile(path: path, level: level, calls: calls)
        try file.forEach(in: partition) { entry throws(CheckpointError) in
            try result.append(entry)
            return true
        }
        return result
    }
}
