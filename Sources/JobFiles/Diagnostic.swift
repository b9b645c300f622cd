/// One thing that is wrong with a job file or a flag. Never holds the value of a secret or of a variable.
public struct Diagnostic: Error, Equatable, CustomStringConvertible {
    public var place: Place
    /// What is wrong, and where the message alone can tell it, what to do.
    public var message: String
    /// What was probably meant.
    public var suggestion: String?

    public init(place: Place, message: String, suggestion: String? = nil) {
        self.place = place
        self.message = message
        self.suggestion = suggestion
    }

    public var description: String {
        "\(place): \(message)" + (suggestion.map { "; did you mean `\($0)`?" } ?? "")
    }
}
