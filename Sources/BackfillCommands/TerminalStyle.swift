import Foundation

/// What a stream's terminal can show; nothing where the stream is no terminal.
struct TerminalStyle: Sendable {
    enum Color: String, Sendable {
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    static let standardOutput = TerminalStyle(descriptor: STDOUT_FILENO)
    static let standardError = TerminalStyle(descriptor: STDERR_FILENO)

    /// Whether a line can be drawn anew.
    let canRedraw: Bool
    private let isColored: Bool

    private init(descriptor: Int32) {
        let environment = ProcessInfo.processInfo.environment
        canRedraw = isatty(descriptor) == 1 && !["", "dumb"].contains(environment["TERM"] ?? "")
        // https://no-color.org
        isColored = canRedraw && (environment["NO_COLOR"] ?? "").isEmpty
    }

    func painted(_ text: some StringProtocol, _ color: Color?) -> String {
        guard isColored, let color else { return String(text) }
        return "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m"
    }
}
