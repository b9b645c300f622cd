public import BackfillCore

/// What the source says of one key: its last record in each unit that has one. Between units there is no order, so any of
/// them may be the one that counts. Where rows have versions, the newest record counts and not the last one.
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
        /// How new the row is, where a row may not replace a newer one.
        public var version: RowVersion
        public var place: RecordPlace

        public init(_ effect: Effect, version: RowVersion = .none, at place: RecordPlace) {
            self.effect = effect
            self.version = version
            self.place = place
        }
    }

    public private(set) var last: [Record] = []

    public init() {}

    /// Takes the next record of the key in its unit, which replaces the one before unless that is newer.
    public mutating func add(_ record: Record) {
        if let index = last.firstIndex(where: { $0.place.unit == record.place.unit }) {
            guard record.version >= last[index].version || record.effect == .unknown else { return }
            last[index] = record
        } else {
            last.append(record)
        }
    }

    /// Whether the row that was found, or that there is none, is what the source says.
    ///
    /// - Parameter version: how new the row is that was found; a newer one than every record is right.
    public func verdict(on found: RowDigest?, version: RowVersion = .none) -> Verdict {
        if last.contains(where: { $0.effect == .unknown }) { return .undecided }
        let newest = last.map(\.version).max() ?? .none
        if found != nil, version > newest { return .right }
        let candidates = last.filter { $0.version == newest }
        if candidates.contains(where: { $0.effect == found.map(Effect.row) ?? .noRow }) { return .right }
        guard let row = candidates.first(where: { $0.effect != .noRow }) else { return .unexpected }
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
