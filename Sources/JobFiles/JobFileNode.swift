/// A value of the job file, with its dotted path and the place where a person wrote it.
struct JobFileNode {
    enum Content {
        case scalar(Scalar)
        case list([JobFileNode])
        case mapping([Entry])
    }

    struct Scalar {
        /// As the job file has it; the text that a diagnostic may repeat.
        let written: String
        /// The value, with the variables in place.
        private(set) var text: String
        /// Whether it may stand for something other than text.
        private(set) var isPlain: Bool

        init(_ written: String, isPlain: Bool) {
            self.written = written
            self.text = written
            self.isPlain = isPlain
        }

        /// The scalar with the variables in place. Where it has any, its quotes say nothing about its type: between
        /// braces YAML takes no `${NAME}` without them.
        func expanded(to text: String) -> Scalar {
            var scalar = self
            scalar.text = text
            scalar.isPlain = isPlain || text != written
            return scalar
        }

        var isNull: Bool { isPlain && ["", "~", "null"].contains(written) }
    }

    struct Entry {
        let key: String
        let keyPlace: Place
        let value: JobFileNode
    }

    let path: String
    let place: Place
    let content: Content

    /// What a key without a value stands for where keys are expected.
    static func emptyMapping(path: String, place: Place) -> JobFileNode {
        JobFileNode(path: path, place: place, content: .mapping([]))
    }

    /// One value from a flag.
    static func value(_ text: String, isPlain: Bool = true, path: String, place: Place) -> JobFileNode {
        JobFileNode(path: path, place: place, content: .scalar(Scalar(text, isPlain: isPlain)))
    }

    static func path(_ parent: String, key: String) -> String {
        parent.isEmpty ? key : "\(parent).\(key)"
    }

    static func path(_ parent: String, index: Int) -> String {
        "\(parent)[\(index)]"
    }

    var isNull: Bool {
        if case .scalar(let scalar) = content { scalar.isNull } else { false }
    }

    var isList: Bool {
        if case .list = content { true } else { false }
    }

    var isMapping: Bool {
        if case .mapping = content { true } else { false }
    }

    /// Names the content in a sentence.
    var contentDescription: String {
        switch content {
        case .scalar: "a single value"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}

extension JobFileNode.Scalar: CustomStringConvertible {
    private static let longestDescription = 60

    /// The written text in one line, fit for a diagnostic.
    var description: String {
        let line = written.split(whereSeparator: \.isNewline).joined(separator: " ")
        let text = line.count > Self.longestDescription ? line.prefix(Self.longestDescription) + "…" : line[...]
        return isPlain ? "`\(text)`" : "`\"\(text)\"`"
    }
}
