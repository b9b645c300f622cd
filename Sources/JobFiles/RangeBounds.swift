import BackfillCore

/// The bounds of the ranges of a job: how they are written, and which are the same for all.
struct RangeBounds {
    let start: Form<OffsetBound>
    let end: Form<OffsetBound>
    /// Takes the place of the start of every range.
    let from: OffsetBound?
    /// Takes the place of the end of every range.
    let to: OffsetBound?

    /// - Parameter hasGroup: Whether the job names a consumer group, to which committed offsets belong.
    init(_ flags: RangeOverrides, hasGroup: Bool, _ reader: JobFileReader) {
        let start = Form.bound(.start, hasGroup: hasGroup)
        let end = Form.bound(.end, hasGroup: hasGroup)
        self.start = start
        self.end = end
        from = flags.from.map { start.read(.value($0, path: "start", place: .from), reader) ?? RangeSide.start.full }
        to = flags.to.map { end.read(.value($0, path: "end", place: .to), reader) ?? RangeSide.end.full }
    }

    /// The flags in whose place a bound comes, for a sentence; empty when there are none.
    var flags: String {
        let places = [from.map { _ in Place.from }, to.map { _ in Place.to }].compactMap(\.self)
        return places.map { "`\($0)`" }.joined(separator: " and ")
    }
}

extension Form<OffsetBound> {
    /// `start` or `end` of a range.
    fileprivate static func bound(_ side: RangeSide, hasGroup: Bool) -> Self {
        let words = side.words.map(\.description)
        return .scalar { scalar, _ throws(Misfit) in
            guard let bound = try OffsetBound(scalar.text) else {
                throw Misfit(
                    "must be an offset, \(words.quotedList), a time such as `2026-01-01T00:00:00Z` or `-48h`, "
                        + "not \(scalar)",
                    suggestion: NearMiss.nearest(to: scalar.written, in: words))
            }
            if bound == side.empty {
                throw Misfit("must not be `\(bound)`: \(side.emptiness)")
            }
            if bound == .resume, side == .end {
                throw Misfit("must not be `resume`, which is where a round of the job begins")
            }
            if bound == .committed, !hasGroup {
                throw Misfit("needs the property `group.id`: it is the offset that this consumer group has committed")
            }
            return bound
        }
    }
}
