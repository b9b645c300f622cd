public import BackfillCore

extension MessageKey {
    /// The bytes of a message's key that is read as this primary key; nil where none is.
    public func bytes(of key: PrimaryKey) -> [UInt8]? {
        switch (format, key) {
        case (.text, .integer(let value)): return Array(String(value).utf8)
        case (.text, .text(let text)): return text
        case (.integer, .integer(let value)): return (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
        case (.integer, .text): return nil
        case (.json, let key):
            var text: [UInt8] = []
            for name in path {
                text.append(UInt8(ascii: "{"))
                JSONString.append(name.utf8.span, to: &text)
                text.append(UInt8(ascii: ":"))
            }
            switch key {
            case .integer(let value): text += String(value).utf8
            case .text(let bytes): JSONString.append(bytes.span, to: &text)
            }
            for _ in path { text.append(UInt8(ascii: "}")) }
            return text
        }
    }
}
