extension FieldSource: CustomStringConvertible {
    /// As it is written in a job file.
    public var description: String {
        switch self {
        case .member(let name): name
        case .key: "$key"
        case .topic: "$topic"
        case .partition: "$partition"
        case .offset: "$offset"
        case .timestamp: "$timestamp"
        case .header(let name): "$header.\(name)"
        }
    }

    /// Whether a field of this type can hold what the source gives.
    public func fits(_ type: FieldType) -> Bool {
        switch (self, type) {
        case (.member, _): true
        case (.key, .varChar), (.key, .int64), (.topic, .varChar), (.header, .varChar): true
        case (.partition, .int32), (.partition, .int64), (.offset, .int64), (.timestamp, .int64): true
        default: false
        }
    }
}
