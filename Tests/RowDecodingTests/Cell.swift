/// One value of a decoded column in a form that can be compared exactly: numbers with floating point as their bits.
enum Cell: Equatable {
    case absent
    case integer(Int64)
    case floats([UInt32])
    case double(UInt64)
    case bytes([UInt8])

    static func text(_ text: String) -> Cell { .bytes(Array(text.utf8)) }

    static func floats(_ values: Float...) -> Cell { .floats(values.map(\.bitPattern)) }
}

extension Cell: CustomStringConvertible {
    var description: String {
        switch self {
        case .absent: "absent"
        case .integer(let value): "\(value)"
        case .floats(let bits): "\(bits.map(Float.init(bitPattern:)))"
        case .double(let bits): "\(Double(bitPattern: bits))"
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self).debugDescription
        }
    }
}
