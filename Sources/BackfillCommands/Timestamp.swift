import Foundation

/// Times as they stand in checkpoints, reports and logs.
enum Timestamp {
    /// Milliseconds since 1970.
    static func milliseconds() -> Int64 { Int64(Date.now.timeIntervalSince1970 * 1000) }

    /// Seconds since 1970, to the millisecond.
    static func seconds() -> Double { Double(milliseconds()) / 1000 }

    /// The time in RFC 3339, UTC, with milliseconds.
    static func now() -> String {
        Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
