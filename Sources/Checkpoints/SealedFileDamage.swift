/// Why a file is not taken for a sealed document.
public enum SealedFileDamage: Sendable, Equatable {
    case empty
    /// The text is no JSON object with a version: cut short, or something else altogether.
    case foreign
    /// The checksum is missing or belongs to other text.
    case wrongChecksum
    /// The text is intact, and yet not the document; `detail` names the place.
    case wrongShape(detail: String)

    /// What is wrong with a file that should hold this kind of document.
    package func description(of document: String) -> String {
        switch self {
        case .empty: "it is empty"
        case .foreign: "it is cut short or no \(document) at all"
        case .wrongChecksum: "it is cut short, or was changed after it was written"
        case .wrongShape(let detail): "its members are not those of a \(document), \(detail)"
        }
    }
}
