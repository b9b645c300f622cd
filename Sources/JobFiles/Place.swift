/// Where something of a job was written.
public enum Place: Sendable, Hashable {
    /// Line and column count from 1, the column in Unicode scalars.
    case file(path: String, line: Int, column: Int)
    /// `--set path=...`
    case override(path: String)
    /// The `number`th `--set`, which has no path to name it by.
    case unnamedOverride(number: Int)
    /// The `number`th `--range`.
    case range(number: Int)
    /// A flag that is given once, by its name with the dashes.
    case flag(name: String)
}

extension Place {
    static let from = Place.flag(name: "--from")
    static let to = Place.flag(name: "--to")
    static let startingOffsets = Place.flag(name: "--starting-offsets")
    static let endingOffsets = Place.flag(name: "--ending-offsets")

    var isInFile: Bool {
        if case .file = self { true } else { false }
    }
}

extension Place: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let path, let line, let column): "\(path):\(line):\(column)"
        case .override(let path): "--set \(path)"
        case .unnamedOverride(let number): "--set number \(number)"
        case .range(let number): "--range \(number)"
        case .flag(let name): name
        }
    }
}

extension Place: Comparable {
    /// The file from its top to its end, then the flags.
    public static func < (left: Place, right: Place) -> Bool {
        switch (left, right) {
        case (.file(_, let leftLine, let leftColumn), .file(_, let rightLine, let rightColumn)):
            (leftLine, leftColumn) < (rightLine, rightColumn)
        case (.file, _):
            true
        case (_, .file):
            false
        case (.range(let left), .range(let right)):
            left < right
        default:
            left.description < right.description
        }
    }
}
