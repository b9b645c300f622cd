public import BackfillCore

/// What a comparison of source and collection has found so far.
public struct Differences: Sendable {
    public enum Kind: String, Sendable, Codable {
        case missing, stale, unexpected
    }

    public struct Example: Sendable, Equatable {
        public var kind: Kind
        public var key: PrimaryKey
        /// Of the record that says what should be there.
        public var place: RecordPlace?
    }

    /// How many examples are kept.
    public static let mostExamples = 10

    /// Keys of the source that were compared, and keys of the collection without one.
    public private(set) var checked = 0
    public private(set) var undecided = 0
    public private(set) var missing = 0
    public private(set) var stale = 0
    public private(set) var unexpected = 0
    public private(set) var examples: [Example] = []
    /// Records that mend what is missing or stale.
    public private(set) var records: [RecordPlace] = []
    public private(set) var unexpectedKeys: [PrimaryKey] = []
    /// Whether the source has all of its records. Where some are lost, a key without a record may have had one.
    private let isSourceWhole: Bool
    /// The most records and unexpected keys that are kept, where a long key counts for several; what is beyond is only
    /// counted.
    private let mostKept: Int
    private var kept = 0

    public init(isSourceWhole: Bool, mostKept: Int = 1_000_000) {
        self.isSourceWhole = isSourceWhole
        self.mostKept = mostKept
    }

    public var count: Int { missing + stale + unexpected }

    /// Whether there are more differences than are kept.
    public var isCut: Bool { records.count + unexpectedKeys.count < count }

    public mutating func add(_ verdict: Verdict, on key: PrimaryKey) {
        switch verdict {
        case .right: checked += 1
        case .undecided: undecided += 1
        case .withoutRecord where !isSourceWhole: undecided += 1
        case .missing(let place):
            missing += 1
            add(.missing, key, place)
        case .stale(let place):
            stale += 1
            add(.stale, key, place)
        case .unexpected, .withoutRecord:
            unexpected += 1
            add(.unexpected, key, nil)
        }
    }

    private mutating func add(_ kind: Kind, _ key: PrimaryKey, _ place: RecordPlace?) {
        checked += 1
        if examples.count < Self.mostExamples { examples.append(Example(kind: kind, key: key, place: place)) }
        guard kept < mostKept else { return }
        kept += place == nil ? key.weight : 1
        if let place { records.append(place) } else { unexpectedKeys.append(key) }
    }
}
