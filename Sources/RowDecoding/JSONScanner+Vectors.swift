import BackfillCore

extension JSONScanner {
    /// Takes a vector: an array of numbers, or base64 of little-endian Float32 values.
    mutating func appendVector(
        _ bytes: Span<UInt8>, dimension: Int, to floats: inout [Float]
    ) throws(RecordFault) {
        if bytes[position] == UInt8(ascii: "\"") {
            return try appendEncodedVector(bytes, dimension: dimension, to: &floats)
        }
        guard take(UInt8(ascii: "["), bytes) else {
            throw .misfit("a vector is expected, found \(kindOfValue(bytes))")
        }
        if take(UInt8(ascii: "]"), bytes) { throw Self.wrongDimension(0, dimension) }
        var count = 0
        var isShort = true
        repeat {
            if count == dimension { throw Self.wrongDimension(try countRest(bytes, after: count), dimension) }
            skipWhiteSpace(bytes)
            // Elements of one vector are written alike; one that differs costs a look at the next few only.
            if isShort || count.isMultiple(of: 16), let value = ShortDecimal.scan(bytes, at: &position) {
                floats.append(value)
                isShort = true
            } else {
                floats.append(try scanFloat(bytes))
                isShort = false
            }
            count += 1
        } while try hasMore(until: UInt8(ascii: "]"), bytes)
        guard count == dimension else { throw Self.wrongDimension(count, dimension) }
    }

    private mutating func appendEncodedVector(
        _ bytes: Span<UInt8>, dimension: Int, to floats: inout [Float]
    ) throws(RecordFault) {
        let text = try scanText(bytes)
        let begin = floats.count
        guard !text.hasEscapes, let count = Base64.appendFloats(text.range, of: bytes, to: &floats) else {
            throw .misfit("the text is not base64 of Float32 values")
        }
        guard count == dimension else { throw Self.wrongDimension(count, dimension) }
        for index in begin..<floats.count where !floats[index].isFinite {
            throw .misfit("element \(index - begin) is \(floats[index]), and a vector holds finite numbers only")
        }
    }

    /// How many elements an array has of which `found` were taken.
    mutating func countRest(_ bytes: Span<UInt8>, after found: Int) throws(RecordFault) -> Int {
        var count = found
        repeat {
            try skipValue(bytes)
            count += 1
        } while try hasMore(until: UInt8(ascii: "]"), bytes)
        return count
    }

    static func wrongDimension(_ count: Int, _ dimension: Int) -> RecordFault {
        .misfit("the vector has \(count) elements, the field holds \(dimension)")
    }
}
