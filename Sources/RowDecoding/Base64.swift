/// The decoder of RFC 4648's standard and URL-safe alphabets, with or without padding.
enum Base64 {
    /// Appends the little-endian Float32 values that `text` encodes.
    ///
    /// - Returns: the number of values, nil when the text is not base64 or does not hold whole values.
    static func appendFloats(_ text: Range<Int>, of bytes: Span<UInt8>, to floats: inout [Float]) -> Int? {
        var end = text.upperBound
        while end > text.lowerBound, bytes[end - 1] == UInt8(ascii: "="), text.upperBound - end < 2 { end -= 1 }
        let length = end - text.lowerBound
        guard length % 4 != 1, (length * 3 / 4).isMultiple(of: 4) else { return nil }
        var group: UInt64 = 0
        var bitCount: UInt64 = 0
        var word: UInt32 = 0
        var wordBytes: UInt32 = 0
        for index in text.lowerBound..<end {
            let value = values[Int(bytes[index])]
            guard value < 64 else { return nil }
            group = group << 6 | UInt64(value)
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            word |= UInt32(truncatingIfNeeded: group >> bitCount & 0xFF) << (8 * wordBytes)
            wordBytes += 1
            guard wordBytes == 4 else { continue }
            floats.append(Float(bitPattern: word))
            word = 0
            wordBytes = 0
        }
        guard group & (1 << bitCount - 1) == 0 else { return nil }
        return length * 3 / 16
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
