import Logging

/// The value of a member of a log line in JSON.
enum LogMember: Encodable {
    case text(String)
    case integer(Int)
    case number(Double)

    init(_ value: Logger.MetadataValue) {
        switch value {
        case .stringConvertible(let value as Int): self = .integer(value)
        // JSON has no other numbers than finite ones.
        case .stringConvertible(let value as Double) where value.isFinite: self = .number(value)
        case .string, .stringConvertible, .dictionary, .array: self = .text("\(value)")
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        }
    }
}
