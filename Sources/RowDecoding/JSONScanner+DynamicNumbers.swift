extension JSONScanner {
    /// Integers up to here are all exact as a Double.
    private static let exactIntegers: UInt64 = 1 << 53

    /// Why a dynamic member would not arrive as it is where the server reads numbers with a point as a Double, other
    /// ones as an Int64, everything inside arrays and objects as Doubles, and passes over null; nil when it would.
    /// (Milvus' REST server does so: milvus `internal/distributed/proxy/httpserver/utils.go`, `checkAndSetData`.)
    ///
    /// The member is valid, and its numbers fit a Double.
    ///
    /// - Returns: a sentence without a full stop.
    mutating func changeOfNumbers(_ bytes: Span<UInt8>) throws(RecordFault) -> String? {
        skipWhiteSpace(bytes)
        switch bytes[position] {
        case UInt8(ascii: "n"): return "null would get lost"
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let number = try scanNumber(bytes)
            if bytes.extracting(number.range).contains(UInt8(ascii: ".")) { return nil }
            let limit = number.isNegative ? Int64.min.magnitude : Int64.max.magnitude
            let fits = number.isInteger && number.hasExactDigits && number.digits <= limit
            return fits ? nil : "\(text(number, bytes)) would change"
        case UInt8(ascii: "{"), UInt8(ascii: "["): return try changeOfNestedNumbers(bytes)
        default: return nil
        }
    }

    private mutating func changeOfNestedNumbers(_ bytes: Span<UInt8>) throws(RecordFault) -> String? {
        skipWhiteSpace(bytes)
        switch bytes[position] {
        case UInt8(ascii: "{"):
            position += 1
            if take(UInt8(ascii: "}"), bytes) { return nil }
            repeat {
                _ = try scanMemberName(bytes)
                if let change = try changeOfNestedNumbers(bytes) { return change }
            } while try hasMore(until: UInt8(ascii: "}"), bytes)
        case UInt8(ascii: "["):
            position += 1
            if take(UInt8(ascii: "]"), bytes) { return nil }
            repeat {
                if let change = try changeOfNestedNumbers(bytes) { return change }
            } while try hasMore(until: UInt8(ascii: "]"), bytes)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let number = try scanNumber(bytes)
            let isExact = !number.isInteger || (number.hasExactDigits && number.digits <= Self.exactIntegers)
            return isExact ? nil : "\(text(number, bytes)) would lose digits"
        default:
            try skipValue(bytes)
        }
        return nil
    }
}
