/// What all forms share while one job file is read: the surroundings of the file, and the diagnostics so far.
///
/// A form that reports a diagnostic may go on with a made-up value: a job is given out only when there are none.
final class JobFileReader {
    let location: JobFileLocation
    private let variables: EnvironmentVariables
    private(set) var diagnostics: [Diagnostic] = []

    init(location: JobFileLocation, environment: [String: String]) {
        self.location = location
        self.variables = EnvironmentVariables(values: environment)
    }

    func report(_ place: Place, _ message: String, suggestion: String? = nil) {
        diagnostics.append(Diagnostic(place: place, message: message, suggestion: suggestion))
    }

    /// The root of the text under the overrides that can be applied.
    func root(of text: YAMLText, overrides: [String]) -> JobFileNode? {
        var root: JobFileNode?
        do throws(Diagnostic) {
            root = try text.root()
            if root?.isNull ?? true {
                root = nil
                report(text.start, "the file is empty; a job needs at least `source` and `target`")
            }
        } catch {
            diagnostics.append(error)
        }
        for (index, argument) in overrides.enumerated() {
            do throws(Diagnostic) {
                let override = try Override(argument, number: index + 1)
                root = try root.map { node throws(Diagnostic) in try override.applied(to: node) }
            } catch {
                diagnostics.append(error)
            }
        }
        return root
    }

    /// The scalar with the variables in place; nil after a diagnostic.
    func expanded(_ scalar: JobFileNode.Scalar, of node: JobFileNode) -> JobFileNode.Scalar? {
        guard !scalar.isNull, !scalar.written.isEmpty else {
            let holder = node.place.isInFile ? "key" : "flag"
            report(node.place, "`\(node.path)` has no value; give it one or remove the \(holder)")
            return nil
        }
        let expansion = variables.expand(scalar.written)
        for problem in expansion.problems {
            report(node.place, "`\(node.path)`: \(problem)")
        }
        guard expansion.problems.isEmpty else { return nil }
        guard !expansion.text.isEmpty else {
            report(node.place, "`\(node.path)` is empty, because the variables in it are; give them a value")
            return nil
        }
        return scalar.expanded(to: expansion.text)
    }

    /// The items of a list; a key without a value has none.
    func items(of node: JobFileNode) -> [JobFileNode] {
        if case .list(let items) = node.content { return items }
        if !node.isNull {
            report(node.place, "`\(node.path)` must be a list, not \(node.contentDescription)")
        }
        return []
    }

    /// The entries of a mapping, each key once; a key without a value has none.
    func entries(of node: JobFileNode) -> [JobFileNode.Entry] {
        guard case .mapping(let entries) = node.content else {
            if !node.isNull {
                let name = node.path.isEmpty ? "the job file" : "`\(node.path)`"
                report(node.place, "\(name) must be a mapping of keys to values, not \(node.contentDescription)")
            }
            return []
        }
        var places: [String: Place] = [:]
        return entries.filter { entry in
            guard let first = places.updateValue(entry.keyPlace, forKey: entry.key) else { return true }
            places[entry.key] = first
            report(entry.keyPlace, "`\(entry.value.path)` is given again after \(first); keep one of them")
            return false
        }
    }
}
