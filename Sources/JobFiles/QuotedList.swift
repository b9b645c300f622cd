extension [String] {
    /// The texts as a diagnostic lists them: `` `a`, `b`, `c` ``.
    var quotedList: String {
        map { "`\($0)`" }.joined(separator: ", ")
    }
}
