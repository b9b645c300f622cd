/// Why a file is not taken for a checkpoint.
public enum CheckpointDamage: Sendable, Equatable {
    case empty
    /// The text is no JSON object with a version: cut short, or something else altogether.
    case notACheckpoint
    /// The checksum is missing or belongs to other text.
    case wrongChecksum
    /// The text is intact, and yet no checkpoint; `detail` names the place.
    case wrongShape(detail: String)
}

extension CheckpointDamage: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "it is empty"
        case .notACheckpoint: "it is cut short or no checkpoint at all"
        case .wrongChecksum: "it is cut short, or was changed after it was written"
        case .wrongShape(let detail): "its members are not those of a checkpoint, \(detail)"
        }
    }
}
