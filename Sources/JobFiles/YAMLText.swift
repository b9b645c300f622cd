import Yams

/// The text of one YAML document, and its way to nodes.
struct YAMLText {
    /// Aliases of aliases can stand for more values than any memory holds.
    private static let mostNodes = 100_000

    private let text: String
    private let path: String
    private let place: (_ line: Int, _ column: Int) -> Place

    /// The text of a job file.
    init(_ text: String, file: String) {
        self.text = text
        self.path = ""
        self.place = { .file(path: file, line: $0, column: $1) }
    }

    /// The value of an override, for the node at `path`.
    init(_ text: String, path: String, override: Place) {
        self.text = text
        self.path = path
        self.place = { _, _ in override }
    }

    /// Where the text begins.
    var start: Place { place(1, 1) }

    /// The document's root; nil when it holds nothing.
    func root() throws(Diagnostic) -> JobFileNode? {
        var duplicates = DuplicateKeys(text: text)
        while true {
            switch parse(duplicates.text) {
            case .root(let root):
                var count = 0
                return try root.map { yaml throws(Diagnostic) in try node(yaml, path: path, duplicates, &count) }
            case .duplicateKey(let key, let mark):
                guard duplicates.disguise(key, at: mark) else {
                    throw Diagnostic(
                        place: place(mark), message: "the key `\(key)` is given more than once; keep one of them")
                }
            case .invalid(let diagnostic):
                throw diagnostic
            }
        }
    }

    private enum Outcome {
        case root(Node?)
        case duplicateKey(String, Mark)
        case invalid(Diagnostic)
    }

    private func parse(_ text: String) -> Outcome {
        do {
            let parser = try Parser(yaml: text, encoding: .utf8)
            let root = try parser.nextRoot()
            guard let second = try parser.nextRoot() else { return .root(root) }
            return .invalid(
                Diagnostic(
                    place: place(second.mark), message: "a second YAML document begins here; keep one job in one file"))
        } catch {
            return outcome(of: error)
        }
    }

    /// Leaves out the lines that Yams quotes, because a secret may stand in them.
    private func outcome(of error: any Error) -> Outcome {
        func invalid(_ place: Place, _ problem: String) -> Outcome {
            .invalid(Diagnostic(place: place, message: "the text is not YAML: \(problem)"))
        }
        switch error as? YamlError {
        case .duplicatedKeysInMapping(let keys, let context):
            return .duplicateKey(keys.first ?? "", context.mark)
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            return invalid(place(mark), context.map { "\($0.text), \(problem)" } ?? problem)
        case .reader(let problem, let offset, _, let text):
            let lines = text.prefix(offset ?? 0).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            return invalid(place(lines.count, (lines.last?.unicodeScalars.count ?? 0) + 1), problem)
        default:
            return invalid(start, "the parser failed without a reason")
        }
    }

    /// - Parameter count: the nodes made so far.
    private func node(
        _ yaml: Node, path: String, _ duplicates: DuplicateKeys, _ count: inout Int
    ) throws(Diagnostic) -> JobFileNode {
        let place = place(yaml.mark)
        count += 1
        guard count <= Self.mostNodes else {
            throw Diagnostic(
                place: place,
                message: "the aliases stand for more than \(Self.mostNodes) values; write what they mean in their place"
            )
        }
        switch yaml {
        case .scalar(let scalar):
            let content = JobFileNode.Scalar(scalar.string, isPlain: scalar.style == .plain)
            return JobFileNode(path: path, place: place, content: .scalar(content))
        case .sequence(let sequence):
            var items: [JobFileNode] = []
            for (index, item) in sequence.enumerated() {
                items.append(try node(item, path: JobFileNode.path(path, index: index), duplicates, &count))
            }
            return JobFileNode(path: path, place: place, content: .list(items))
        case .mapping(let mapping):
            var entries: [JobFileNode.Entry] = []
            for (key, value) in mapping {
                let keyPlace = self.place(key.mark)
                guard let name = key.scalar.map({ duplicates.name(of: $0.string) }) else {
                    throw Diagnostic(place: keyPlace, message: "a key must be text, not a list or a mapping")
                }
                let child = try node(value, path: JobFileNode.path(path, key: name), duplicates, &count)
                entries.append(JobFileNode.Entry(key: name, keyPlace: keyPlace, value: child))
            }
            return JobFileNode(path: path, place: place, content: .mapping(entries))
        case .alias:
            throw Diagnostic(place: place, message: "the alias names nothing; define its anchor before it")
        }
    }

    private func place(_ mark: Mark?) -> Place {
        mark.map { place($0.line, $0.column) } ?? start
    }
}
