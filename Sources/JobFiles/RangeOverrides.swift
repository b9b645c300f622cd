/// The flags that choose the ranges of a Kafka source, as the person wrote them. Bounds and partitions have the forms
/// of the job file.
public struct RangeOverrides: Sendable {
    /// `TOPIC[:PARTITIONS]@START..END` for every `--range`. Any of them takes the place of all ranges of the job file.
    public var ranges: [String]
    /// `--from`: the start of every range.
    public var from: String?
    /// `--to`: the end of every range.
    public var to: String?
    /// `--starting-offsets`: Spark's JSON, `{"articles":{"0":23,"1":-2}}`, with -2 for the earliest offset. It and
    /// `endingOffsets` take the place of all ranges of the job file; without one of them the other bound of each
    /// partition is the earliest or the latest offset.
    public var startingOffsets: String?
    /// `--ending-offsets`: Spark's JSON, `{"articles":{"0":50,"1":-1}}`, with -1 for the latest offset.
    public var endingOffsets: String?

    public init(
        ranges: [String] = [],
        from: String? = nil,
        to: String? = nil,
        startingOffsets: String? = nil,
        endingOffsets: String? = nil
    ) {
        self.ranges = ranges
        self.from = from
        self.to = to
        self.startingOffsets = startingOffsets
        self.endingOffsets = endingOffsets
    }
}
