import BackfillCore

/// One of the two ends of a range.
enum RangeSide: String {
    case start, end

    /// The bound with which a range leaves out nothing on this side.
    var full: OffsetBound {
        switch self {
        case .start: .earliest
        case .end: .latest
        }
    }

    /// The bound with which a range holds nothing.
    var empty: OffsetBound {
        switch self {
        case .start: .latest
        case .end: .earliest
        }
    }

    /// The bounds that are words.
    var words: [OffsetBound] {
        switch self {
        case .start: [.earliest, .committed, .resume]
        case .end: [.latest, .committed]
        }
    }

    /// Why `empty` is refused.
    var emptiness: String {
        "a range whose \(self) is the \(empty) offset holds nothing"
    }
}
