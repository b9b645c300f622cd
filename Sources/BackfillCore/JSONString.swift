/// Writes strings of JSON. Only what JSON forbids inside a string is escaped; everything else stays byte for byte.
package enum JSONString {
    /// Appends the string of these bytes with its quotes. What is not UTF-8 becomes U+FFFD, as `String(decoding:as:)`
    /// has it.
    ///
    /// - Returns: Whether the bytes are UTF-8, so that the string holds them exactly.
    @discardableResult
    package static func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) -> Bool {
        var isExact = true
        var rest = bytes
        text.append(UInt8(ascii: "\""))
        while let fault = firstFault(in: rest) {
            isExact = false
            escape(rest.extracting(first: fault.lowerBound), to: &text)
            text.append(contentsOf: "\u{FFFD}".utf8)
            rest = rest.extracting(droppingFirst: fault.upperBound)
        }
        escape(rest, to: &text)
        text.append(UInt8(ascii: "\""))
        return isExact
    }

    private static func firstFault(in bytes: Span<UInt8>) -> Range<Int>? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes)
            return nil
        } catch {
            return error.byteOffsets
        }
    }

    /// The most bytes that are escaped in one step, so that the room for the longest result stays small.
    private static let step = 4096
    /// `\u0000`: what the most unlucky byte becomes.
    private static let longestEscape = 6

    private static func escape(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
        var rest = bytes
        while !rest.isEmpty {
            let part = rest.extracting(first: step)
            // The longest result, and the bytes that a whole word may write behind its escapes.
            text.append(addingCapacity: longestEscape * part.count + wordSize) { output in
                escape(part, into: &output)
            }
            rest = rest.extracting(droppingFirst: step)
        }
    }

    private static let wordSize = MemoryLayout<UInt64>.size

    /// Unsafe, because eight bytes are looked at and copied at once: digits pass several times as fast as one by one,
    /// and a payload of JSON, which is full of quotes, need not be appended in a hundred little pieces.
    private static func escape(_ bytes: Span<UInt8>, into output: inout OutputSpan<UInt8>) {
        unsafe bytes.withUnsafeBytes { source in
            unsafe output.withUnsafeMutableBufferPointer { buffer, initializedCount in
                let target = UnsafeMutableRawBufferPointer(buffer)
                var (read, written) = (0, initializedCount)
                while read < source.count {
                    if read + wordSize <= source.count {
                        let word = unsafe source.loadUnaligned(fromByteOffset: read, as: UInt64.self)
                        // What of it is not plain is written over; the caller made room for all of it.
                        unsafe target.storeBytes(of: word, toByteOffset: written, as: UInt64.self)
                        let plain = plainBytes(in: UInt64(littleEndian: word))
                        read += plain
                        written += plain
                        if plain == wordSize { continue }
                    }
                    let (word, length) = unsafe replacement(of: source[read])
                    unsafe target.storeBytes(of: word.littleEndian, toByteOffset: written, as: UInt64.self)
                    read += 1
                    written += length
                }
                initializedCount = written
            }
        }
    }

    /// How many of the eight bytes, from the lowest on, stand for themselves.
    private static func plainBytes(in word: UInt64) -> Int {
        let (ones, high): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        // A byte's high bit is set where the byte is less than the one subtracted; above such a byte it may be wrong,
        // and only the lowest one counts.
        let control = (word &- ones &* 0x20) & ~word
        let (quote, backslash) = (word ^ ones &* 0x22, word ^ ones &* 0x5C)
        let special = control | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
        return (special & high).trailingZeroBitCount >> 3
    }

    /// What stands for a byte, the first byte lowest, and how many bytes that are.
    private static func replacement(of byte: UInt8) -> (word: UInt64, length: Int) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return (0x5C | UInt64(byte) << 8, 2)
        case UInt8(ascii: "\n"): return (0x6E5C, 2)
        case UInt8(ascii: "\r"): return (0x725C, 2)
        case UInt8(ascii: "\t"): return (0x745C, 2)
        case 0..<0x20:
            let low = UInt64(byte & 0xF)
            let digit = low < 10 ? low + 0x30 : low + 0x57
            return (0x3030_755C | UInt64(0x30 + byte >> 4) << 32 | digit << 40, 6)
        default: return (UInt64(byte), 1)
        }
    }
}
