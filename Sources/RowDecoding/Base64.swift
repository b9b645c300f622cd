/// The decoder of RFC 4648's standard and URL-safe alphabets, with or without padding.
enum Base64 {
    /// Appends the bytes that `text` encodes.
    ///
    /// - Returns: false when the text is not base64.
    static func append(_ text: Range<Int>, of bytes: Span<UInt8>, to output: inout [UInt8]) -> Bool {
        decode(text, of: bytes) { output.append($0) } != nil
    }

    /// Whether `text` encodes these bytes; nil when it is not base64.
    static func isEqual(_ text: Range<Int>, of bytes: Span<UInt8>, to other: [UInt8]) -> Bool? {
        var index = 0
        var isEqual = true
        let count = decode(text, of: bytes) { byte in
            if index >= other.count || other[index] != byte { isEqual = false }
            index += 1
        }
        return count.map { isEqual && $0 == other.count }
    }

    /// Appends the little-endian Float32 values that `text` encodes.
    ///
    /// - Returns: the number of values, nil when the text is not base64 or does not hold whole values.
    static func appendFloats(_ text: Range<Int>, of bytes: Span<UInt8>, to floats: inout [Float]) -> Int? {
        var word: UInt32 = 0
        var wordBytes: UInt32 = 0
        let count = decode(text, of: bytes) { byte in
            word |= UInt32(byte) << (8 * wordBytes)
            wordBytes += 1
            guard wordBytes == 4 else { return }
            floats.append(Float(bitPattern: word))
            word = 0
            wordBytes = 0
        }
        guard let count, count.isMultiple(of: 4) else { return nil }
        return count / 4
    }

    /// Hands on every byte that `text` encodes.
    ///
    /// - Returns: their number; nil when the text is not base64, of which some bytes may have been handed on.
    @inline(__always)
    private static func decode(
        _ text: Range<Int>, of bytes: Span<UInt8>, _ take: (UInt8) -> Void
    ) -> Int? {
        var end = text.upperBound
        while end > text.lowerBound, bytes[end - 1] == UInt8(ascii: "="), text.upperBound - end < 2 { end -= 1 }
        let length = end - text.lowerBound
        guard length % 4 != 1 else { return nil }
        var group: UInt64 = 0
        var bitCount: UInt64 = 0
        for index in text.lowerBound..<end {
            let value = values[Int(bytes[index])]
            guard value < 64 else { return nil }
            group = group << 6 | UInt64(value)
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            take(UInt8(truncatingIfNeeded: group >> bitCount))
        }
        guard group & (1 << bitCount - 1) == 0 else { return nil }
        return length * 3 / 4
    }

    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, character) in alphabet.utf8.enumerated() { table[Int(character)] = UInt8(value) }
        table[Int(UInt8(ascii: "-"))] = 62
        table[Int(UInt8(ascii: "_"))] = 63
        return table
    }()
}
