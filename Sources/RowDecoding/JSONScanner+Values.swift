import BackfillCore

extension JSONScanner {
    /// Takes a string and appends its characters, at most `maxLength` bytes of UTF-8.
    mutating func appendText(
        _ bytes: Span<UInt8>, maxLength: Int, to output: inout [UInt8]
    ) throws(RecordFault) {
        try Self.append(try scanText(bytes), of: bytes, maxLength: maxLength, to: &output)
    }

    /// Appends a scanned string's characters, at most `maxLength` bytes of UTF-8.
    static func append(
        _ string: RawString, of bytes: Span<UInt8>, maxLength: Int, to output: inout [UInt8]
    ) throws(RecordFault) {
        let begin = output.count
        append(string, of: bytes, to: &output)
        let length = output.count - begin
        guard length <= maxLength else { throw .tooLong(length, maxLength) }
    }

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
            if count == dimension { throw try countRest(bytes, after: count, dimension) }
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

    /// Takes an array of scalars and appends its elements in the form of `ArrayElements`.
    mutating func appendArray(
        _ bytes: Span<UInt8>, of element: RecordPlan.ElementKind, maxCapacity: Int, to output: inout [UInt8]
    ) throws(RecordFault) {
        guard take(UInt8(ascii: "["), bytes) else { throw .misfit("an array is expected, found \(kindOfValue(bytes))") }
        if take(UInt8(ascii: "]"), bytes) { return }
        var count = 0
        repeat {
            count += 1
            guard count <= maxCapacity else { throw .misfit("the array has more than \(maxCapacity) elements") }
            skipWhiteSpace(bytes)
            switch element {
            case .bool: ArrayElements.append(try scanBool(bytes) ? 1 : 0 as Int64, to: &output)
            case .integer(let range): ArrayElements.append(try scanInteger(bytes, in: range), to: &output)
            case .float: ArrayElements.append(try scanFloat(bytes), to: &output)
            case .double: ArrayElements.append(try scanDouble(bytes), to: &output)
            case .varChar(let maxLength):
                let mark = ArrayElements.openText(in: &output)
                try appendText(bytes, maxLength: maxLength, to: &output)
                ArrayElements.closeText(from: mark, in: &output)
            }
        } while try hasMore(until: UInt8(ascii: "]"), bytes)
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

    private mutating func countRest(
        _ bytes: Span<UInt8>, after found: Int, _ dimension: Int
    ) throws(RecordFault) -> RecordFault {
        var count = found
        repeat {
            try skipValue(bytes)
            count += 1
        } while try hasMore(until: UInt8(ascii: "]"), bytes)
        return Self.wrongDimension(count, dimension)
    }

    private static func wrongDimension(_ count: Int, _ dimension: Int) -> RecordFault {
        .misfit("the vector has \(count) elements, the field holds \(dimension)")
    }
}
