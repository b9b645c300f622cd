import BackfillCore

extension JSONScanner {
    /// Takes a sparse vector, `{"7": 0.5, "9": 1}` or `{"indices": [7, 9], "values": [0.5, 1]}`, and appends its pairs
    /// of an index and a value, ascending.
    mutating func appendSparseVector(_ bytes: Span<UInt8>, to output: inout [UInt8]) throws(RecordFault) {
        guard take(UInt8(ascii: "{"), bytes) else {
            throw .misfit("a sparse vector is expected, an object, found \(kindOfValue(bytes))")
        }
        let begin = output.count
        if take(UInt8(ascii: "}"), bytes) { return }
        skipWhiteSpace(bytes)
        var ahead = self
        let name = try ahead.scanMemberName(bytes)
        if Self.isEqual(name, Self.indices, bytes) || Self.isEqual(name, Self.values, bytes) {
            try appendLists(bytes, to: &output)
        } else {
            repeat {
                let name = try scanMemberName(bytes)
                let index =
                    name.hasEscapes
                    ? try Self.index(Self.resolved(name, of: bytes).span) : try Self.index(bytes.extracting(name.range))
                try appendPair(index, bytes, to: &output)
            } while try hasMore(until: UInt8(ascii: "}"), bytes)
        }
        try SparseVector.sort(&output, from: begin)
    }

    private static let indices = Array("indices".utf8)
    private static let values = Array("values".utf8)

    /// Reads the form of two lists, whose members may come in either order.
    private mutating func appendLists(_ bytes: Span<UInt8>, to output: inout [UInt8]) throws(RecordFault) {
        var lists: (indices: JSONScanner?, values: JSONScanner?)
        repeat {
            let name = try scanMemberName(bytes)
            skipWhiteSpace(bytes)
            if Self.isEqual(name, Self.indices, bytes), lists.indices == nil {
                lists.indices = self
            } else if Self.isEqual(name, Self.values, bytes), lists.values == nil {
                lists.values = self
            } else {
                let text = String(decoding: Self.resolved(name, of: bytes), as: UTF8.self)
                throw .misfit("the sparse vector has `\(text)` beside `indices` and `values`")
            }
            try skipValue(bytes)
        } while try hasMore(until: UInt8(ascii: "}"), bytes)
        guard var indices = lists.indices, var values = lists.values else {
            throw .misfit("the sparse vector has only one of `indices` and `values`")
        }
        guard indices.take(UInt8(ascii: "["), bytes), values.take(UInt8(ascii: "["), bytes) else {
            throw .misfit("`indices` and `values` of the sparse vector are not both arrays")
        }
        var hasIndex = !indices.take(UInt8(ascii: "]"), bytes)
        var hasValue = !values.take(UInt8(ascii: "]"), bytes)
        while hasIndex, hasValue {
            let index = try indices.scanInteger(bytes, in: SparseVector.indices)
            try values.appendPair(UInt32(index), bytes, to: &output)
            hasIndex = try indices.hasMore(until: UInt8(ascii: "]"), bytes)
            hasValue = try values.hasMore(until: UInt8(ascii: "]"), bytes)
        }
        guard hasIndex == hasValue else {
            throw .misfit("`indices` and `values` of the sparse vector are not of the same length")
        }
    }

    private mutating func appendPair(
        _ index: UInt32, _ bytes: Span<UInt8>, to output: inout [UInt8]
    ) throws(RecordFault) {
        let value = try scanFloat(bytes)
        guard value >= 0 else {
            throw .misfit("the value at index \(index) is \(value), and a sparse vector holds none below zero")
        }
        SparseVector.append(index, value, to: &output)
    }

    /// The index that a member's name is: decimal digits.
    private static func index(_ name: Span<UInt8>) throws(RecordFault) -> UInt32 {
        var index: Int64 = 0
        for position in name.indices {
            let digit = name[position] &- UInt8(ascii: "0")
            guard digit <= 9, name.count <= 10 else { throw notAnIndex(name) }
            index = index * 10 + Int64(digit)
        }
        guard !name.isEmpty, SparseVector.indices.contains(index) else { throw notAnIndex(name) }
        return UInt32(index)
    }

    private static func notAnIndex(_ name: Span<UInt8>) -> RecordFault {
        let text = String(decoding: copy(0..<min(name.count, 40), of: name), as: UTF8.self)
        return .misfit(
            "`\(text)` is no index of a sparse vector, which goes from 0 to \(SparseVector.indices.upperBound)")
    }
}

/// The form in which a sparse vector lies in a column, which is the one in which it travels: pairs of an index (UInt32)
/// and a value (Float32), little-endian, ascending by index.
enum SparseVector {
    /// Milvus keeps the last index for itself.
    static let indices: ClosedRange<Int64> = 0...Int64(UInt32.max) - 1
    private static let pairSize = 8

    static func append(_ index: UInt32, _ value: Float, to bytes: inout [UInt8]) {
        append(UInt64(index) | UInt64(value.bitPattern) << 32, to: &bytes)
    }

    /// Puts the pairs behind `begin` in order.
    static func sort(_ bytes: inout [UInt8], from begin: Int) throws(RecordFault) {
        var isSorted = true
        var position = begin + pairSize
        while position < bytes.count, isSorted {
            isSorted = index(bytes, at: position - pairSize) < index(bytes, at: position)
            position += pairSize
        }
        guard !isSorted else { return }
        var pairs = stride(from: begin, to: bytes.count, by: pairSize).map { pair(bytes, at: $0) }
        pairs.sort { UInt32(truncatingIfNeeded: $0) < UInt32(truncatingIfNeeded: $1) }
        bytes.removeLast(bytes.count - begin)
        var previous: UInt32?
        for pair in pairs {
            let index = UInt32(truncatingIfNeeded: pair)
            guard index != previous else { throw .misfit("the sparse vector has two values at index \(index)") }
            previous = index
            append(pair, to: &bytes)
        }
    }

    /// Whether a value behind `begin` is not zero.
    static func hasWeight(_ bytes: [UInt8], from begin: Int) -> Bool {
        stride(from: begin, to: bytes.count, by: pairSize).contains {
            Float(bitPattern: UInt32(truncatingIfNeeded: pair(bytes, at: $0) >> 32)) != 0
        }
    }

    private static func index(_ bytes: [UInt8], at position: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: pair(bytes, at: position))
    }

    private static func pair(_ bytes: [UInt8], at position: Int) -> UInt64 {
        var position = position
        return ArrayElements.read(UInt64.self, from: bytes, at: &position)
    }

    private static func append(_ pair: UInt64, to bytes: inout [UInt8]) {
        ArrayElements.append(Int64(bitPattern: pair), to: &bytes)
    }
}
