/// A value from the command line that takes the place of one in the job file: `--set run.lanes=8`.
struct Override {
    private let keys: [String]
    private let value: String
    private let place: Place

    /// - Parameter number: Counts the overrides from 1. An argument without a path is not repeated: it may be a secret.
    init(_ argument: String, number: Int) throws(Diagnostic) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let keys = Self.keys(of: parts[0])
        guard parts.count == 2, !keys.contains("") else {
            throw Diagnostic(
                place: .unnamedOverride(number: number), message: "expected PATH=VALUE, such as `run.lanes=8`")
        }
        self.keys = keys
        self.value = String(parts[1])
        self.place = .override(path: String(parts[0]))
    }

    /// The keys that lead to the value. Where keys have dots in their names, what follows the section is one key.
    private static func keys(of path: Substring) -> [String] {
        let section = JobFileKeys.sectionsOfDottedKeys.first { path.hasPrefix($0 + ".") } ?? ""
        let rest = path.dropFirst(section.count)
        guard section.isEmpty else {
            return section.split(separator: ".").map(String.init) + [String(rest.dropFirst())]
        }
        return rest.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// The job file with the value in its place, and with the sections that lead there.
    func applied(to root: JobFileNode) throws(Diagnostic) -> JobFileNode {
        try replacing(keys[...], in: root)
    }

    private func replacing(_ keys: ArraySlice<String>, in node: JobFileNode) throws(Diagnostic) -> JobFileNode {
        guard let key = keys.first else { return try replacement(path: node.path) }
        let rest = keys.dropFirst()
        if case .list(var items) = node.content, let index = Int(key), items.indices.contains(index) {
            items[index] = try replacing(rest, in: items[index])
            return JobFileNode(path: node.path, place: node.place, content: .list(items))
        }
        guard case .mapping(var entries) = node.content else {
            return try replacing(keys, in: .emptyMapping(path: node.path, place: place))
        }
        let index = entries.firstIndex { $0.key == key }
        let child =
            index.map { entries[$0].value }
            ?? .emptyMapping(path: JobFileNode.path(node.path, key: key), place: place)
        let entry = JobFileNode.Entry(
            key: key,
            keyPlace: rest.isEmpty ? place : index.map { entries[$0].keyPlace } ?? place,
            value: try replacing(rest, in: child))
        if let index {
            entries[index] = entry
        } else {
            entries.append(entry)
        }
        return JobFileNode(path: node.path, place: node.place, content: .mapping(entries))
    }

    /// Only a list, a mapping or quoted text is YAML: other values may hold `#` or `: `, as passwords do.
    private func replacement(path: String) throws(Diagnostic) -> JobFileNode {
        if let first = value.first, "[{\"'".contains(first),
            let node = try YAMLText(value, path: path, override: place).root()
        {
            return node
        }
        return .value(value, path: path, place: place)
    }
}
