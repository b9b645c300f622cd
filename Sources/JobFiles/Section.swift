/// One mapping of the job file whose keys are known.
struct Section<Key: SectionKey> {
    let node: JobFileNode
    private let reader: JobFileReader
    private let entries: [Key: JobFileNode.Entry]

    init(_ node: JobFileNode, _ reader: JobFileReader) {
        var entries: [Key: JobFileNode.Entry] = [:]
        for entry in reader.entries(of: node) {
            if let key = Key(rawValue: entry.key) {
                entries[key] = entry
            } else {
                Self.reportUnknown(entry, in: node, reader)
            }
        }
        self.node = node
        self.reader = reader
        self.entries = entries
    }

    private static func reportUnknown(_ entry: JobFileNode.Entry, in node: JobFileNode, _ reader: JobFileReader) {
        let home = node.path.isEmpty ? "" : " in `\(node.path)`"
        let suggestion = NearMiss.nearest(to: entry.key, in: Key.names)
        let known = suggestion == nil ? "; the keys are \(Key.names.quotedList)" : ""
        reader.report(entry.keyPlace, "unknown key `\(entry.key)`\(home)\(known)", suggestion: suggestion)
    }

    func has(_ key: Key) -> Bool { entries[key] != nil }

    /// A value as the job file has it, for a diagnostic.
    func written(_ key: Key) -> String? {
        guard case .scalar(let scalar) = entries[key]?.value.content else { return nil }
        return scalar.written
    }

    /// The value of an optional key.
    func value<Value>(_ key: Key, _ form: Form<Value>) -> Value? {
        entries[key].flatMap { form.read($0.value, reader) }
    }

    /// Puts the value of an optional key in the place of its default.
    func read<Value>(_ key: Key, _ form: Form<Value>, into target: inout Value) {
        if let value = value(key, form) {
            target = value
        }
    }

    /// The value of a key that must be there.
    func require<Value>(_ key: Key, _ form: Form<Value>) -> Value? {
        if !has(key) {
            report(key, "is required")
        }
        return value(key, form)
    }

    /// The value of a section that reads as an empty one where it is left out.
    func section<Value>(_ key: Key, _ form: Form<Value>) -> Value? {
        form.read(entries[key]?.value ?? .emptyMapping(path: path(of: key), place: node.place), reader)
    }

    /// Reports what is wrong with a key: `sentence` goes on after the key's name.
    func report(_ key: Key, _ sentence: String, suggestion: String? = nil) {
        reader.report(entries[key]?.keyPlace ?? node.place, "`\(path(of: key))` \(sentence)", suggestion: suggestion)
    }

    private func path(of key: Key) -> String {
        JobFileNode.path(node.path, key: key.rawValue)
    }
}
