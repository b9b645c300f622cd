public import BackfillCore

/// What the source says of one key: its last record in each unit that has one. Between units there is no order, so any of
/// them may be the one that counts.
public struct KeyRecords: Sendable, Equatable {
    /// What a record leaves of its key.
    public enum Effect: Sendable, Hashable {
        case row(RowDigest)
        case noRow
        /// It may have been written or not: the server refused it, or the job is not so far yet.
        case unknown
    }

    public struct Record: Sendable, Equatable {
        public var effect: Effect
        public var place: RecordPlace

        public init(_ effect: Effect, at place: RecordPlace) {
            self.effect = effect
            self.place = place
        }
    }

    public private(set) var last: [Record] = []

    public init() {}

    /// Takes the next record of the key in its unit, which replaces the one before.
    public mutating func add(_ record: Record) {
        if let index = last.firstIndex(where: { $0.place.unit == record.place.unit }) {
            last[index] = record
        } else {
            last.append(record)
        }
    }

    /// Whether the row that was found, or that there is none, is what the source says.
    public func verdict(on found: RowDigest?) -> Verdict {
        if last.contains(where: { $0.effect == .unknown }) { return .undecided }
        if last.contains(where: { $0.effect == found.map(Effect.row) ?? .noRow }) { return .right }
        guard let row = last.first(where: { $0.effect != .noRow }) else { return .unexpected }
        return found == nil ? .missing(row.place) : .stale(row.place)
    }
}

/// How a key of source and collection was found.
public enum Verdict: Sendable, Equatable {
    case right
    /// There is no row; the record at this place makes one.
    case missing(RecordPlace)
    /// The row is another one than that of the record at this place.
    case stale(RecordPlace)
    /// There is a row, and the last record of the source leaves none.
    case unexpected
    /// There is a row, and the source has no record of its key.
    case withoutRecord
    /// The source does not tell what should be there.
    case undecided
}
