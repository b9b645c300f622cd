import BackfillCore

extension DefaultValue {
    /// Whether it can stand in a field of the type.
    func fits(_ type: FieldType) -> Bool {
        switch (self, type) {
        case (.bool, .bool), (.long, .int64), (.float, .float), (.double, .double), (.text, .varChar),
            (.text, .geometry),
            (.text, .timestamptz), (.bytes, .json):
            true
        case (.int(let value), .int8): Int8(exactly: value) != nil
        case (.int(let value), .int16): Int16(exactly: value) != nil
        case (.int, .int32): true
        case (.timestamptz(let value), .timestamptz): Instant.range.contains(value)
        default: false
        }
    }
}

extension Column {
    /// Adds a row with a default value that the program fills in itself.
    mutating func append(_ value: DefaultValue) {
        switch value {
        case .bool(let value): append(value ? 1 : 0 as Int64)
        case .int(let value): append(Int64(value))
        case .long(let value): append(value)
        case .double(let value): append(value)
        case .float(let value):
            floats.append(value)
            closeRow()
        case .text(let text):
            bytes.append(contentsOf: text.utf8)
            closeRow()
        case .bytes(let value):
            bytes.append(contentsOf: value)
            closeRow()
        case .timestamptz(let microseconds):
            Instant(microseconds: microseconds).append(to: &bytes)
            closeRow()
        }
    }
}
