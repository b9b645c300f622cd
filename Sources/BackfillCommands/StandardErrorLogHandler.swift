import Foundation
import Logging
import Synchronization

/// Writes log lines to standard error, so that standard output carries results alone.
struct StandardErrorLogHandler: LogHandler {
    let format: LogFormat
    let now: @Sendable () -> String
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let merged = metadata.merging(event.metadata ?? [:]) { _, own in own }
        switch format {
        case .text:
            let details = merged.filter { $0.key != "job" }.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            StandardError.write("\(event.level): \(event.message)\(details.joined())\n")
        case .json:
            var object: [String: String] = merged.mapValues { "\($0)" }
            object["time"] = now()
            object["level"] = event.level.rawValue
            object["event"] = "\(event.message)"
            StandardError.write(JSONText.line(object) + "\n")
        }
    }
}

/// Standard error, which several tasks write to: a line is never torn by another.
enum StandardError {
    private static let lock = Mutex(())

    static func write(_ text: String) {
        lock.withLock { _ in FileHandle.standardError.write(Data(text.utf8)) }
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
