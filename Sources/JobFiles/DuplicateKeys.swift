import Yams

/// Keeps a text readable in which keys stand twice.
///
/// Yams gives up a whole text at such a key. To report it together with everything else, the first character of the
/// earlier key gives way to one that the text has nowhere, and the parser tries again.
struct DuplicateKeys {
    private(set) var text: String
    private var names: [Unicode.Scalar: String] = [:]

    init(text: String) {
        self.text = text
    }

    /// Makes the key at the mark differ from every other; false when the text there is not simply the key.
    mutating func disguise(_ key: String, at mark: Mark) -> Bool {
        var scalars = text.unicodeScalars
        guard
            var index = Self.index(of: mark, in: scalars),
            let disguise = Self.privateUse.lazy.compactMap(Unicode.Scalar.init).first(where: { !scalars.contains($0) })
        else { return false }
        if ["\"", "'"].contains(scalars[index]) {
            index = scalars.index(after: index)
        }
        guard !key.isEmpty, scalars[index...].starts(with: key.unicodeScalars) else { return false }
        scalars.replaceSubrange(index...index, with: CollectionOfOne(disguise))
        text = String(scalars)
        names[disguise] = key
        return true
    }

    /// The key as it is written.
    func name(of key: String) -> String {
        key.unicodeScalars.first.flatMap { names[$0] } ?? key
    }

    private static let privateUse: ClosedRange<UInt32> = 0xE000...0xF8FF

    private static func index(of mark: Mark, in text: String.UnicodeScalarView) -> String.Index? {
        var line = 1
        var column = 1
        var index = text.startIndex
        while index < text.endIndex, (line, column) != (mark.line, mark.column) {
            // Every other line break is left alone: a mark that is missed costs a diagnostic, not the result.
            (line, column) = text[index] == "\n" ? (line + 1, 1) : (line, column + 1)
            index = text.index(after: index)
        }
        return index < text.endIndex ? index : nil
    }
}
