import Foundation
import Testing

/// The runbook of docs/operate.md, against the sentences of the sources.
@Suite struct RunbookTests {
    private static let top = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")

    /// Every Swift file of the program, with the texts that stand on several lines put together.
    private func sentences() throws -> String {
        let folder = Self.top.appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map {
            try String(contentsOf: $0, encoding: .utf8).replacing(#/"\s*\+\s*"/#, with: "")
        }.joined()
    }

    /// The code in the first columns of the tables below the heading; `...` stands for what differs.
    private func phrases() throws -> [String] {
        let text = try String(contentsOf: Self.top.appending(path: "docs/operate.md"), encoding: .utf8)
        let runbook = try #require(text.split(separator: "## Runbook").last?.split(separator: "### It runs").first)
        let cells = runbook.split(separator: "\n").filter { $0.hasPrefix("| ") }.map {
            $0.dropFirst(2).prefix { $0 != "|" }
        }
        return cells.flatMap { cell in
            cell.matches(of: #/`([^`]+)`/#).flatMap { $0.output.1.split(separator: "...") }.map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
    }

    @Test func everySentenceThatItNamesExists() throws {
        let (sentences, phrases) = (try sentences(), try phrases())
        #expect(phrases.count > 30)
        for phrase in phrases { #expect(sentences.contains(phrase), "\(phrase)") }
    }
}
