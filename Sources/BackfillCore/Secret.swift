/// A value that never reaches a log, a checkpoint or a report: every textual form of it is redacted.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    public init(_ value: String) {
        self.value = value
    }

    /// The value itself, for the request that needs it.
    public func reveal() -> String { value }

    public var description: String { "**REDACTED**" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
