/// A number of bytes as people write it: `8MiB`, `500MB`, `65536`.
struct ByteSize {
    let bytes: Int

    private static let units = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000),
    ]

    init(_ bytes: Int) {
        self.bytes = bytes
    }

    /// Nil when the text is not a size, or is one that no machine has.
    init?(_ text: String) {
        let unit = Self.units.first { text.hasSuffix($0.0) } ?? ("", 1)
        let digits = text.dropLast(unit.0.count)
        guard let number = Int(digits), digits.allSatisfy(\.isWholeNumber) else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.1)
        guard !overflow else { return nil }
        self.bytes = bytes
    }
}

extension ByteSize: CustomStringConvertible {
    var description: String {
        guard let unit = Self.units.first(where: { bytes >= $0.1 && bytes.isMultiple(of: $0.1) }) else {
            return "\(bytes)"
        }
        return "\(bytes / unit.1)\(unit.0)"
    }
}
