import Foundation
import Testing

/// Runs the commands of the guides in `docs/` and compares what they print.
///
/// A line `` `name`: `` before a fenced block makes the block a file of that name. A block of the language `console` holds
/// commands, behind `$ `, and some of the lines that they print, in order; `…` stands for anything. A command has to
/// end with 0, or with the code that it names in a comment, as in `# 4`.
@Suite(.serialized) struct GuideTests {
    private struct Block {
        var language: String
        var fileName: String?
        var lines: [String]
    }

    private struct Step {
        var command: String
        var expected: [String] = []
    }

    @Test(arguments: ["backfill", "catch-up", "reindex", "operate"])
    func everyCommandDoesWhatTheGuideSays(guide: String) async throws {
        let topics = try Topics.shared()
        for topic in ["articles", "articles-dead"] { try await topics.create(topic) }
        let oracle = Oracle(uri: try TestEnvironment.lite())
        for collection in ["articles", "articles_hnsw"] where try await oracle.has(collection) {
            try await oracle.drop(collection)
        }
        let place = try Workplace()
        let text = try String(contentsOf: TestFolders.checkout.appending(path: "docs/\(guide).md"), encoding: .utf8)
        var commands = 0
        for block in try Self.blocks(of: text) {
            if let name = block.fileName {
                try place.write(try Self.here(block.lines.joined(separator: "\n") + "\n"), to: name)
            } else if block.language == "console" {
                for step in try Self.steps(of: block) {
                    try await run(step, in: place)
                    commands += 1
                }
            }
        }
        #expect(commands > 3, "the guide has commands")
    }

    private func run(_ step: Step, in place: borrowing Workplace) async throws {
        let folder = URL(filePath: try TestEnvironment.binary()).deletingLastPathComponent().path
        let result = try await Command.run(
            "/usr/bin/env",
            ["bash", "-c", "cd \(place.folder.path) && PATH=\(folder):$PATH && \(try Self.here(step.command))"])
        let code = step.command.wholeMatch(of: /.* # ([0-9]+)/).flatMap { Int32($0.output.1) } ?? 0
        #expect(result.exitCode == code, "\(step.command): \(result.output)\(result.errors)")
        var printed = (result.output + result.errors).split(separator: "\n").map(String.init)[...]
        for line in step.expected {
            let pattern = line.split(separator: "…", omittingEmptySubsequences: false)
                .map { NSRegularExpression.escapedPattern(for: String($0)) }.joined(separator: ".*")
            guard
                let index = printed.firstIndex(where: {
                    $0.range(of: "^\(pattern)$", options: .regularExpression) != nil
                })
            else {
                Issue.record("`\(step.command)` does not print `\(line)`, but: \(result.output)\(result.errors)")
                return
            }
            printed = printed[(index + 1)...]
        }
    }

    /// The servers of the tests in place of those that the guides speak of.
    private static func here(_ text: String) throws -> String {
        text.replacing("http://localhost:19530", with: try TestEnvironment.lite())
            .replacing("localhost:9092", with: try TestEnvironment.kafka())
    }

    private static func blocks(of text: String) throws -> [Block] {
        var blocks: [Block] = []
        var open: Block?
        var name: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(block)
                    (open, name) = (nil, nil)
                } else {
                    open = Block(language: String(line.dropFirst(3)), fileName: name, lines: [])
                }
            } else if open != nil {
                open?.lines.append(line)
            } else if let match = line.wholeMatch(of: /`([^`]+)`:/) {
                name = String(match.output.1)
            } else if !line.isEmpty {
                name = nil
            }
        }
        try #require(open == nil, "every block ends")
        return blocks
    }

    private static func steps(of block: Block) throws -> [Step] {
        try block.lines.reduce(into: []) { steps, line in
            if line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2))))
            } else {
                try #require(!steps.isEmpty, "a block of commands begins with one")
                steps[steps.count - 1].expected.append(line)
            }
        }
    }
}
