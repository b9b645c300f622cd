/// What the system was asked to do with a file.
public enum DumpOperation: Hashable, Sendable {
    case list, open, read

    var participle: String {
        switch self {
        case .list: "listed"
        case .open: "opened"
        case .read: "read"
        }
    }
}
