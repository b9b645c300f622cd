import BackfillCore

extension JSONScanner {
    /// Takes a vector whose elements are no Float32: an array of numbers (of a BinaryVector its bytes), or base64 of
    /// the vector's bytes.
    mutating func appendVector(
        _ bytes: Span<UInt8>, of element: VectorElement, dimension: Int, to output: inout [UInt8]
    ) throws(RecordFault) {
        if bytes[position] == UInt8(ascii: "\"") {
            return try appendEncodedVector(bytes, of: element, dimension: dimension, to: &output)
        }
        guard take(UInt8(ascii: "["), bytes) else {
            throw .misfit("a vector is expected, found \(kindOfValue(bytes))")
        }
        let length = element == .binary ? element.byteCount(dimension: dimension) : dimension
        if take(UInt8(ascii: "]"), bytes) { throw Self.wrongLength(0, element, dimension) }
        var count = 0
        repeat {
            if count == length { throw Self.wrongLength(try countRest(bytes, after: count), element, dimension) }
            switch element {
            case .float16: try appendHalf(bytes, .float16, to: &output)
            case .bfloat16: try appendHalf(bytes, .bfloat16, to: &output)
            case .int8: output.append(UInt8(truncatingIfNeeded: try scanInteger(bytes, in: -128...127)))
            case .binary: output.append(UInt8(truncatingIfNeeded: try scanInteger(bytes, in: 0...255)))
            case .float: preconditionFailure("A FloatVector goes to a column of floats.")
            }
            count += 1
        } while try hasMore(until: UInt8(ascii: "]"), bytes)
        guard count == length else { throw Self.wrongLength(count, element, dimension) }
    }

    private mutating func appendHalf(
        _ bytes: Span<UInt8>, _ format: HalfFormat, to output: inout [UInt8]
    ) throws(RecordFault) {
        let bits = try scanHalf(bytes, format)
        output.append(UInt8(truncatingIfNeeded: bits))
        output.append(UInt8(truncatingIfNeeded: bits >> 8))
    }

    private mutating func appendEncodedVector(
        _ bytes: Span<UInt8>, of element: VectorElement, dimension: Int, to output: inout [UInt8]
    ) throws(RecordFault) {
        let text = try scanText(bytes)
        let begin = output.count
        guard !text.hasEscapes, Base64.append(text.range, of: bytes, to: &output) else {
            throw .misfit("the text is not base64 of a vector's bytes")
        }
        let (count, expected) = (output.count - begin, element.byteCount(dimension: dimension))
        guard count == expected else {
            throw .misfit("the text holds \(count) bytes, and a vector of the field has \(expected)")
        }
        guard let format = HalfFormat(element) else { return }
        for index in stride(from: begin, to: output.count, by: 2) {
            let bits = UInt16(output[index]) | UInt16(output[index + 1]) << 8
            guard format.isFinite(bits) else {
                throw .misfit(
                    "element \((index - begin) / 2) is NaN or infinite, and a vector holds finite numbers only")
            }
        }
    }

    private static func wrongLength(_ count: Int, _ element: VectorElement, _ dimension: Int) -> RecordFault {
        guard element == .binary else { return wrongDimension(count, dimension) }
        let bytes = element.byteCount(dimension: dimension)
        return .misfit("the vector has \(count) bytes, the field holds \(bytes) (\(dimension) bits)")
    }
}
