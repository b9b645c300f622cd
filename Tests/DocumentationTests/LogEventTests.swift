import Foundation
import Testing

/// The table of log events in docs/operate.md, against the events that the sources emit.
@Suite struct LogEventTests {
    private struct Event: Hashable, CustomStringConvertible {
        var name: String
        var level: String

        var description: String { "\(name) (\(level))" }
    }

    private static let top = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")

    /// Every Swift file of the program.
    private func sources() throws -> [String] {
        let folder = Self.top.appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map {
            try String(contentsOf: $0, encoding: .utf8)
        }
    }

    /// The members of each event, by what stands literally at the calls of the logger.
    private func emitted() throws -> [Event: Set<String>] {
        var events: [Event: Set<String>] = [:]
        for source in try sources() {
            let call =
                #/\b(trace|debug|info|notice|warning|error|critical)\(\s*"([a-z]+\.[A-Za-z]+)"(?:,\s*metadata:\s*\[([\s\S]*?)\]\))?/#
                .wordBoundaryKind(.simple)
            for match in source.matches(of: call) {
                let members = (match.output.3 ?? "").matches(of: #/"([A-Za-z]+)": /#).map { String($0.output.1) }
                let event = Event(name: String(match.output.2), level: String(match.output.1))
                events[event, default: []].formUnion(members)
            }
        }
        return events
    }

    /// The rows of the table: `| `name` | level | `member`, `member` | when |`.
    private func documented() throws -> [Event: Set<String>] {
        let text = try String(contentsOf: Self.top.appending(path: "docs/operate.md"), encoding: .utf8)
        let row = #/\| `([a-z]+\.[A-Za-z]+)` \| ([a-z]+) \| ([^|]*) \|/#
        return text.matches(of: row).reduce(into: [:]) { events, match in
            let members = match.output.3.matches(of: #/`([A-Za-z]+)`/#).map { String($0.output.1) }
            events[Event(name: String(match.output.1), level: String(match.output.2))] = Set(members)
        }
    }

    @Test func everyEventIsDocumentedAndNoOtherIs() throws {
        let (emitted, documented) = (try emitted(), try documented())
        #expect(emitted.count > 10)
        #expect(Set(emitted.keys) == Set(documented.keys))
    }

    @Test func everyMemberIsDocumented() throws {
        let documented = try documented()
        for (event, members) in try emitted() {
            // One whose members are put together elsewhere shows none at its call.
            guard !members.isEmpty else { continue }
            #expect(documented[event] == members, "\(event)")
        }
    }
}
