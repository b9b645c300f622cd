public import BackfillCore

/// Turns chunks of lines or of messages into chunks of rows. A value: chunks may be decoded at the same time.
public struct ChunkDecoder: Sendable {
    private(set) var plan: RecordPlan
    private let lanes: Int
    let unit: Int
    /// What stands for the topic of a reject that came in no message, for each file of the unit.
    let fileNames: [String]

    /// - Parameter fileNames: the unit's files; none for a unit of messages.
    public init(plan: RecordPlan, lanes: Int, unit: Int, fileNames: [String] = []) {
        self.plan = plan
        self.lanes = lanes
        self.unit = unit
        self.fileNames = fileNames
    }

    /// Decodes every record of a chunk. Of the place of a rejected line, the file and the line's number are its own and
    /// the frame is that in which the chunk begins.
    ///
    /// - Parameter chunk: lines for a plan of lines, messages for a plan of messages.
    public func decode(_ chunk: SourceChunk) -> DecodedChunk {
        var rows = ChunkRows(plan: plan, lanes: lanes)
        decode(chunk, into: &rows) { _ in }
        switch chunk {
        case .lines(let chunk): return rows.chunk(bytes: chunk.bytes.count, end: .line(chunk.end))
        case .messages(let chunk):
            return rows.chunk(
                bytes: chunk.bytes.count, absent: chunk.absent, gaps: chunk.gaps, end: .offset(chunk.end))
        }
    }

    /// The names of members that have no field, among the chunk's first records, in the order in which they are found.
    public func unknownMembers(in chunk: SourceChunk, records: Int) -> [String] {
        var names: [String] = []
        var decoder = self
        // A record is given up at its first unknown member: those behind it show once that one is passed over.
        while true {
            var found: [String] = []
            var rows = ChunkRows(plan: decoder.plan, lanes: lanes)
            decoder.decode(chunk, limit: records, into: &rows) { fault in
                if case .unknownMember(let name) = fault.kind, !found.contains(name) { found.append(name) }
            }
            guard !found.isEmpty else { return names }
            names += found
            decoder.plan.dropped.formUnion(found.map { Array($0.utf8) })
        }
    }

    /// The first row, among the chunk's first records, whose message has another key than the row: a tombstone with
    /// that key would not delete it.
    ///
    /// - Returns: one sentence without a full stop; nil when every key that a message has names its row, and when the
    ///   job does not delete.
    public func keyMismatch(in chunk: SourceChunk, records: Int) -> String? {
        guard plan.tombstones == .delete else { return nil }
        var rows = ChunkRows(plan: plan, lanes: lanes, comparesKeys: true)
        decode(chunk, limit: records, into: &rows) { _ in }
        guard let found = rows.keyMismatch else { return nil }
        let place =
            switch chunk {
            case .lines(let chunk): "line \(found.record) of \(fileNames[chunk.start.file])"
            case .messages(let chunk): "\(chunk.topic)-\(chunk.partition)@\(found.record)"
            }
        let misreading = found.fault.map { ", which is no key of the collection (\($0.reason))" } ?? ""
        return
            "the message at \(place) has the key `\(Self.shown(found.messageKey))`\(misreading), and its row has the "
            + "primary key `\(Self.shown(found.rowKey))`"
    }

    /// A key for a sentence, cut where it is very long.
    private static func shown(_ key: String) -> String { key.count > 100 ? key.prefix(100) + "…" : key }

    private func decode(
        _ chunk: SourceChunk, limit: Int = .max, into rows: inout ChunkRows, onFault: (RecordFault) -> Void
    ) {
        switch chunk {
        case .lines(let chunk): decode(chunk, limit: limit, into: &rows, onFault: onFault)
        case .messages(let chunk): decode(chunk, limit: limit, into: &rows, onFault: onFault)
        }
    }
}
