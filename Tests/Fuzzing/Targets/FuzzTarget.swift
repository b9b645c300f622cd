/// One parser and what it promises for every input.
protocol FuzzTarget {
    /// Ends the process when a promise is broken, which libFuzzer reports with the input.
    func run(_ input: [UInt8])
}

/// Ends the process unless a promise holds.
func require(_ isKept: Bool, _ promise: @autoclosure () -> String) {
    guard isKept else { fatalError("broken promise: \(promise())") }
}
