import Foundation

/// Times as they stand in checkpoints, reports and logs.
enum Timestamp {
    /// The time in RFC 3339, UTC, with milliseconds.
    static func now() -> String {
        Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
