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

    /// Why `empty` is refused.
    var emptiness: String {
        "a range whose \(self) is the \(empty) offset holds nothing"
    }
}
