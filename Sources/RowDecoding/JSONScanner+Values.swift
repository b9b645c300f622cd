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
}
