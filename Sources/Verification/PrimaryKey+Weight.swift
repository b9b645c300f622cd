import BackfillCore

extension PrimaryKey {
    /// How many keys of ordinary size take as much memory.
    var weight: Int {
        switch self {
        case .integer: 1
        case .text(let bytes): 1 + bytes.count / 64
        }
    }
}
