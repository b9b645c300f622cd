/// The values of one field over many rows, stored the way they travel: numbers packed, text end to end.
///
/// Which array is used follows from the field's type; the others stay empty. A missing value keeps its place: numbers
/// hold a zero for it, text an empty run, and `isPresent` says false.
public struct Column: Sendable {
    /// Which of the arrays holds the values.
    public enum Layout: Sendable {
        /// Bool (0 or 1) and Int8 to Int64, in `integers`.
        case integers
        /// Float and FloatVector, in `floats`.
        case floats
        /// Double, in `doubles`.
        case doubles
        /// The other vectors that have all their elements, little-endian, in `bytes`.
        case packed
        /// VarChar, Timestamptz and Geometry as UTF-8, JSON as the value's text, Array as `ArrayElements` writes it, a
        /// sparse vector as pairs of an index (UInt32) and a value (Float), little-endian and ascending, in `bytes`.
        case bytes
    }

    public let field: FieldSchema
    public let layout: Layout
    /// What one row takes in its array: the elements of a FloatVector, the bytes of a packed vector, 1 for everything
    /// else.
    public let stride: Int
    /// Rows stored.
    public private(set) var count = 0
    public private(set) var integers: [Int64] = []
    /// A decoder appends a row's elements here and then calls `closeRow()`.
    public var floats: [Float] = []
    public private(set) var doubles: [Double] = []
    /// A decoder appends a row's text here and then calls `closeRow()`.
    public var bytes: [UInt8] = []
    /// Where each row ends in `bytes`.
    public private(set) var ends: [Int] = []
    /// For a field that may be left out: whether the row has a value.
    public private(set) var isPresent: [Bool] = []

    private let isOptional: Bool

    public init(field: FieldSchema) {
        self.field = field
        self.isOptional = field.isOptional
        switch field.type {
        case .bool, .int8, .int16, .int32, .int64: (layout, stride) = (.integers, 1)
        case .float: (layout, stride) = (.floats, 1)
        case .vector(.float, let dimension): (layout, stride) = (.floats, dimension)
        case .vector(let element, let dimension):
            (layout, stride) = (.packed, element.byteCount(dimension: dimension))
        case .double: (layout, stride) = (.doubles, 1)
        case .varChar, .json, .geometry, .timestamptz, .array, .sparseFloatVector, .unsupported:
            (layout, stride) = (.bytes, 1)
        }
    }

    /// Makes room for `rows` more rows; text is not known beforehand and grows by itself.
    public mutating func reserve(rows: Int) {
        switch layout {
        case .integers: integers.reserveCapacity(count + rows)
        case .floats: floats.reserveCapacity((count + rows) * stride)
        case .doubles: doubles.reserveCapacity(count + rows)
        case .packed: bytes.reserveCapacity((count + rows) * stride)
        case .bytes: ends.reserveCapacity(count + rows)
        }
    }

    public mutating func append(_ value: Int64) {
        integers.append(value)
        markPresent()
    }

    public mutating func append(_ value: Double) {
        doubles.append(value)
        markPresent()
    }

    /// Completes a row whose elements were appended to `floats`, or whose text was appended to `bytes`.
    public mutating func closeRow() {
        if layout == .bytes { ends.append(bytes.count) }
        markPresent()
    }

    /// Adds a row whose text, or whatever else lies in `bytes`, is this.
    public mutating func appendText(_ text: some Sequence<UInt8>) {
        bytes.append(contentsOf: text)
        closeRow()
    }

    /// Adds a row without a value.
    public mutating func appendAbsent() {
        switch layout {
        case .integers: integers.append(0)
        case .floats: floats.append(contentsOf: repeatElement(0, count: stride))
        case .doubles: doubles.append(0)
        case .packed: bytes.append(contentsOf: repeatElement(0, count: stride))
        case .bytes: ends.append(bytes.count)
        }
        isPresent.append(false)
        count += 1
    }

    /// Removes every row after the first `rows`, and what a row that was never closed left behind.
    public mutating func truncate(to rows: Int) {
        switch layout {
        case .integers: integers.removeLast(integers.count - rows)
        case .floats: floats.removeLast(floats.count - rows * stride)
        case .doubles: doubles.removeLast(doubles.count - rows)
        case .packed: bytes.removeLast(bytes.count - rows * stride)
        case .bytes:
            ends.removeLast(ends.count - rows)
            bytes.removeLast(bytes.count - (ends.last ?? 0))
        }
        if isOptional { isPresent.removeLast(isPresent.count - rows) }
        count = rows
    }

    /// The place of a row in `bytes`.
    public func byteRange(_ row: Int) -> Range<Int> {
        layout == .packed ? row * stride..<(row + 1) * stride : (row == 0 ? 0 : ends[row - 1])..<ends[row]
    }

    /// Bytes that a row takes in memory, about as many as it takes in a request.
    public func size(ofRow row: Int) -> Int {
        switch layout {
        case .integers: 8
        case .floats: 4 * stride
        case .doubles: 8
        case .packed: stride
        case .bytes: byteRange(row).count + 4
        }
    }

    private mutating func markPresent() {
        if isOptional { isPresent.append(true) }
        count += 1
    }
}
