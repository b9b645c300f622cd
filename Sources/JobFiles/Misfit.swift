/// Why a text is not the value that its key takes.
struct Misfit: Error {
    /// Goes on after the key's name; never repeats what may be a secret.
    let sentence: String
    let suggestion: String?

    init(_ sentence: String, suggestion: String? = nil) {
        self.sentence = sentence
        self.suggestion = suggestion
    }
}
