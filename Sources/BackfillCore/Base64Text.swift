/// The encoder of RFC 4648's standard alphabet, with padding.
public enum Base64Text {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Appends the text of `bytes`: four digits for every three bytes that are begun.
    public static func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
        let alphabet = alphabet.span
        text.append(addingCapacity: (bytes.count + 2) / 3 * 4) { output in
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let count = min(bytes.count - start, 3)
                var bits: UInt32 = 0
                for index in 0..<3 {
                    bits = bits << 8 | (index < count ? UInt32(bytes[start + index]) : 0)
                }
                for digit in 0..<4 {
                    output.append(
                        digit <= count ? alphabet[Int(bits >> (18 - 6 * UInt32(digit))) & 63] : UInt8(ascii: "="))
                }
            }
        }
    }
}
