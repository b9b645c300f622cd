import BackfillCore
import Foundation
import Logging
import Synchronization

/// Writes log lines to standard error, so that standard output carries results alone.
struct StandardErrorLogHandler: LogHandler {
    let format: LogFormat
    let threshold: LogThreshold
    let now: @Sendable () -> String
    var metadata: Logger.Metadata = [:]

    var logLevel: Logger.Level {
        get { threshold.level }
        set { threshold.level = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let merged = metadata.merging(event.metadata ?? [:]) { _, own in own }
        switch format {
        case .text:
            let details = merged.filter { $0.key != "job" }.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            let level = TerminalStyle.standardError.painted("\(event.level):", event.level.color)
            StandardError.write("\(level) \(event.message)\(details.joined())\n")
        case .json:
            var object = merged.mapValues { LogMember($0) }
            object["time"] = .text(now())
            object["level"] = .text(event.level.rawValue)
            object["event"] = .text("\(event.message)")
            StandardError.write(JSONText.line(object) + "\n")
        }
    }
}

/// How important an event must be to be logged, which may change while a run is under way.
final class LogThreshold: Sendable {
    private let value: Mutex<Logger.Level>

    init(_ level: LogLevel) {
        value = Mutex(Logger.Level(level))
    }

    var level: Logger.Level {
        get { value.withLock(\.self) }
        set { value.withLock { $0 = newValue } }
    }
}

extension Logger.Level {
    init(_ level: LogLevel) {
        switch level {
        case .debug: self = .debug
        case .info: self = .info
        case .warning: self = .warning
        case .error: self = .error
        }
    }

    fileprivate var color: TerminalStyle.Color? {
        switch self {
        case .trace, .debug, .info, .notice: nil
        case .warning: .yellow
        case .error, .critical: .red
        }
    }
}

/// Standard error, which several tasks write to: no line is torn by another, nor by the progress line.
enum StandardError {
    private static let clearLine = "\r\u{1B}[K"
    /// Whether the cursor stands behind a progress line.
    private static let isLineDrawn = Mutex(false)

    /// Writes whole lines, in place of a progress line that is there.
    static func write(_ text: String) {
        isLineDrawn.withLock { isDrawn in
            put(isDrawn ? clearLine + text : text)
            isDrawn = false
        }
    }

    /// Says why the program cannot do what it was asked to.
    static func complain(_ sentence: String) {
        write(TerminalStyle.standardError.painted("milvus-backfill:", .red) + " \(sentence)\n")
    }

    /// Draws the progress line anew.
    static func draw(_ line: String) {
        isLineDrawn.withLock { isDrawn in
            put(clearLine + line)
            isDrawn = true
        }
    }

    /// Leaves the progress line, if there is one, as it stands.
    static func keepDrawnLine() {
        isLineDrawn.withLock { isDrawn in
            if isDrawn { put("\n") }
            isDrawn = false
        }
    }

    private static func put(_ text: String) {
        // A full disk or a terminal that is gone must not end the run, and there is nobody left to be told.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}

/// Values as JSON.
enum JSONText {
    static func line(_ value: some Encodable) -> String { encode(value, [.sortedKeys, .withoutEscapingSlashes]) }

    static func page(_ value: some Encodable) -> String {
        encode(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }

    private static func encode(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            // Reports hold finite numbers and text only, which always encode.
            preconditionFailure("A report cannot be encoded: \(error)")
        }
    }
}
