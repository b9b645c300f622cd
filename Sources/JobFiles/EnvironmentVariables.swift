/// Puts the values of variables in the place of `${NAME}`. `$${` stands for a literal `${`.
struct EnvironmentVariables {
    let values: [String: String]

    struct Expansion {
        var text = ""
        /// What is wrong with the references; never with a value in it.
        var problems: [String] = []
    }

    func expand(_ text: String) -> Expansion {
        var expansion = Expansion()
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            expansion.text += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                expansion.text += "${"
                rest = rest.dropFirst(3)
            } else if let reference = rest.prefixMatch(of: /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/) {
                let name = String(reference.output.1)
                if let value = values[name] {
                    expansion.text += value
                } else {
                    expansion.problems.append(
                        "the environment variable `\(name)` is not set; set it, or write `$${` for a literal `${`")
                }
                rest = rest[reference.range.upperBound...]
            } else {
                if rest.hasPrefix("${") {
                    expansion.problems.append(
                        "the name of a variable and `}` must follow `${`; write `$${` for a literal `${`")
                }
                expansion.text += "$"
                rest = rest.dropFirst()
            }
        }
        expansion.text += rest
        return expansion
    }
}
