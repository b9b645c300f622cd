import Testing

/// A text and whether RFC 8259's grammar has it.
struct GrammarCase: Sendable, CustomTestStringConvertible {
    var name: String
    var text: [UInt8]
    var isValid: Bool

    init(_ name: String, _ text: String, isValid: Bool) {
        self.init(name, Array(text.utf8), isValid: isValid)
    }

    init(_ name: String, _ text: [UInt8], isValid: Bool) {
        self.name = name
        self.text = text
        self.isValid = isValid
    }

    /// Whether servers keep it: they refuse numbers that fit no Double, which the grammar has.
    var isStorable: Bool { isValid && name != "a number beyond a Double" }

    var testDescription: String { name }
}
