/// Where a record stands in its source.
public struct RecordPlace: Sendable, Hashable {
    public var unit: Int
    /// Index of the file in the unit; 0 for a message.
    public var file: Int
    /// The number of its line, or its offset.
    public var record: Int64

    public init(unit: Int, file: Int, record: Int64) {
        self.unit = unit
        self.file = file
        self.record = record
    }
}
