/// How a value of one kind is written in the job file.
struct Form<Value> {
    /// Reads the value of a node; nil after a diagnostic.
    let read: (JobFileNode, JobFileReader) -> Value?
}

extension Form {
    /// A mapping with known keys.
    static func section<Key: SectionKey>(_ read: @escaping (Section<Key>, JobFileReader) -> Value) -> Form {
        Form { node, reader in read(Section(node, reader), reader) }
    }

    /// One value of any kind.
    static func scalar(
        _ read: @escaping (JobFileNode.Scalar, JobFileReader) throws(Misfit) -> Value
    ) -> Form {
        Form { node, reader in
            guard case .scalar(let scalar) = node.content else {
                reader.report(node.place, "`\(node.path)` must be a single value, not \(node.contentDescription)")
                return nil
            }
            guard let expanded = reader.expanded(scalar, of: node) else { return nil }
            do throws(Misfit) {
                return try read(expanded, reader)
            } catch {
                reader.report(node.place, "`\(node.path)` \(error.sentence)", suggestion: error.suggestion)
                return nil
            }
        }
    }

    /// One value of a kind that a few words describe.
    ///
    /// - Parameters:
    ///   - expectation: Ends "`run.lanes` must be".
    ///   - spellings: Values that a mistyped one may have meant.
    static func scalar(
        _ expectation: String,
        spellings: [String] = [],
        _ parse: @escaping (JobFileNode.Scalar) -> Value?
    ) -> Form {
        scalar { scalar, _ throws(Misfit) in
            guard let value = parse(scalar) else {
                throw Misfit(
                    "must be \(expectation), not \(scalar)",
                    suggestion: NearMiss.nearest(to: scalar.written, in: spellings))
            }
            return value
        }
    }

    /// A list of any length.
    static func list<Element>(of element: Form<Element>) -> Form where Value == [Element] {
        Form { node, reader in reader.items(of: node).compactMap { element.read($0, reader) } }
    }

    /// A list that is not empty.
    static func nonEmptyList<Element>(of element: Form<Element>) -> Form where Value == [Element] {
        Form { node, reader in
            let items = reader.items(of: node)
            if items.isEmpty, node.isNull || node.isList {
                reader.report(node.place, "`\(node.path)` must not be empty")
            }
            return items.compactMap { element.read($0, reader) }
        }
    }

    /// One value, or a list that is not empty.
    static func oneOrMore<Element>(_ element: Form<Element>) -> Form where Value == [Element] {
        Form { node, reader in
            if case .scalar = node.content, !node.isNull {
                return element.read(node, reader).map { [$0] }
            }
            return nonEmptyList(of: element).read(node, reader)
        }
    }

    /// A mapping whose keys are names that the person chooses.
    static func dictionary<Element>(of element: Form<Element>) -> Form where Value == [String: Element] {
        Form { node, reader in
            reader.entries(of: node).reduce(into: [:]) { dictionary, entry in
                dictionary[entry.key] = element.read(entry.value, reader)
            }
        }
    }
}
