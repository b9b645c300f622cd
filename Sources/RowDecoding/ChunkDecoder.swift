public import BackfillCore

/// Turns chunks of lines or of messages into chunks of rows. A value: chunks may be decoded at the same time.
public struct ChunkDecoder: Sendable {
    let plan: RecordPlan
    private let lanes: Int
    /// Fewer records that cannot be read say nothing of the others.
    private static let smallestConclusiveSample = 10
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
        decode(chunk, into: &rows)
        switch chunk {
        case .lines(let chunk):
            return rows.chunk(bytes: chunk.bytes.count, start: .line(chunk.start), end: .line(chunk.end))
        case .messages(let chunk):
            return rows.chunk(
                bytes: chunk.bytes.count, absent: chunk.absent, gaps: chunk.gaps,
                anchor: chunk.messages.last.map { LogAnchor($0, of: chunk.bytes.span) },
                start: .offset(chunk.messages.first?.offset ?? chunk.end), end: .offset(chunk.end))
        }
    }

    /// Makes rejects of records that cannot be written although they can be read.
    ///
    /// - Parameters:
    ///   - chunk: a chunk that holds some of them.
    ///   - reasons: for each record, by its offset or the number of its line, what is wrong with it.
    public func rejects(of chunk: SourceChunk, reasons: [Int64: String]) -> [Reject] {
        switch chunk {
        case .lines(let chunk): rejects(of: chunk, reasons: reasons)
        case .messages(let chunk): rejects(of: chunk, reasons: reasons)
        }
    }

    /// Looks at a chunk's first records before anything is written.
    ///
    /// - Parameters:
    ///   - records: how many at most.
    ///   - minimum: from how many records on a fault that all of them have is the job's and not theirs.
    /// - Returns: why a job with these records cannot be right, and what is worth knowing though it may be; sentences
    ///   without a full stop.
    public func survey(
        _ chunk: SourceChunk, records: Int, minimum: Int
    ) -> (findings: [String], warnings: [String]) {
        var rows = ChunkRows(plan: plan, lanes: lanes, surveys: true)
        decode(chunk, limit: records, into: &rows)
        guard let survey = rows.survey else { return ([], []) }
        var (findings, warnings) = survey.report(on: plan, place: name(of: chunk), minimum: minimum)
        let read = rows.counts.read
        if let first = rows.firstReject, rows.counts.rejected == read, read >= Self.smallestConclusiveSample {
            findings.append(
                "none of the first \(read) records of \(name(of: chunk)) can be read, the first because \(first.reason)"
            )
        }
        if let mismatch = rows.keyMismatch { findings.append(finding(on: mismatch, in: chunk)) }
        return (findings, warnings)
    }

    /// A tombstone with such a key would delete another row than it means.
    private func finding(on mismatch: ChunkRows.KeyMismatch, in chunk: SourceChunk) -> String {
        let place =
            switch chunk {
            case .lines: "line \(mismatch.record) of \(name(of: chunk))"
            case .messages: "\(name(of: chunk))@\(mismatch.record)"
            }
        let misreading = mismatch.fault.map { ", which is no key of the collection (\($0.reason))" } ?? ""
        return
            "the message at \(place) has the key `\(Self.shown(mismatch.messageKey))`\(misreading), and its row has "
            + "the primary key `\(Self.shown(mismatch.rowKey))`, so a tombstone would delete another row than it "
            + "means: describe the keys in record.key, or set record.tombstones to `skip` or `reject`"
    }

    /// The file or the partition that a chunk comes from.
    private func name(of chunk: SourceChunk) -> String {
        switch chunk {
        case .lines(let chunk): fileNames[chunk.start.file]
        case .messages(let chunk): "\(chunk.topic)-\(chunk.partition)"
        }
    }

    /// A key for a sentence, cut where it is very long.
    private static func shown(_ key: String) -> String { key.count > 100 ? key.prefix(100) + "…" : key }

    private func decode(_ chunk: SourceChunk, limit: Int = .max, into rows: inout ChunkRows) {
        switch chunk {
        case .lines(let chunk): decode(chunk, limit: limit, into: &rows)
        case .messages(let chunk): decode(chunk, limit: limit, into: &rows)
        }
    }
}
