import BackfillCore
import Foundation

/// Parameters as the members of a JSON object, in which a value that is a number, a truth value, an object or an array
/// stands as it is and any other as a string.
enum JSONMembers {
    /// The members of an object; nil where the text is no object.
    static func members(of text: String) -> [Parameter]? {
        guard case .object(let members)? = value(of: text) else { return nil }
        return members.map { Parameter($0.key, parameter($0.value)) }
    }

    /// The object of the parameters.
    static func object(_ parameters: [Parameter]) -> JSONValue {
        .object(
            Dictionary(
                parameters.map { parameter in
                    switch value(of: parameter.value) {
                    case .text, nil: (parameter.name, .text(parameter.value))
                    case .some(let value): (parameter.name, value)
                    }
                }, uniquingKeysWith: { _, last in last }))
    }

    /// A value as the text of a parameter.
    static func parameter(_ value: JSONValue) -> String {
        if case .text(let text) = value { text } else { text(of: value) }
    }

    /// A value as JSON, members in the order of their names.
    static func text(of value: JSONValue) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            preconditionFailure("A JSON value is no JSON: \(error)")
        }
    }

    /// nil where the text is no JSON.
    private static func value(of text: String) -> JSONValue? {
        try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }
}
