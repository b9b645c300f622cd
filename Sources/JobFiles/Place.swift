/// Where something of a job was written.
public enum Place: Sendable, Hashable {
    /// Line and column count from 1, the column in Unicode scalars.
    case file(path: String, line: Int, column: Int)
    /// `--set path=...`
    case override(path: String)
    /// The `number`th `--set`, which has no path to name it by.
    case unnamedOverride(number: Int)
}

extension Place: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let path, let line, let column): "\(path):\(line):\(column)"
        case .override(let path): "--set \(path)"
        case .unnamedOverride(let number): "--set number \(number)"
        }
    }
}

extension Place: Comparable {
    /// The file from its top to its end, then the overrides.
    public static func < (left: Place, right: Place) -> Bool {
        switch (left, right) {
        case (.file(_, let leftLine, let leftColumn), .file(_, let rightLine, let rightColumn)):
            (leftLine, leftColumn) < (rightLine, rightColumn)
        case (.file, _):
            true
        case (_, .file):
            false
        default:
            left.description < right.description
        }
    }
}
