import Foundation
import Testing

/// Reads topics with kcat, which has no part in this project. It passes over aborted transactions as well.
struct Kcat {
    let bootstrap: String

    /// The messages of a partition from an offset on that lie below another one.
    func messages(of topic: String, partition: Int, in range: Range<Int>) async throws -> [NSDictionary] {
        guard !range.isEmpty else { return [] }
        let text = try await read(["-t", topic, "-p", "\(partition)", "-o", "\(range.lowerBound)"])
        return try jsonLines(text).filter { range.contains(try #require($0["offset"] as? Int)) }
    }

    /// All messages of a topic, one JSON object a line.
    func text(of topic: String) async throws -> String {
        try await read(["-t", topic, "-o", "beginning"])
    }

    /// The offset of the first message at or after a time in milliseconds since 1970; -1 without one.
    func offset(in topic: String, partition: Int, at time: Int64) async throws -> Int {
        let text = try await ask(["-Q", "-t", "\(topic):\(partition):\(time)"])
        return try #require(text.firstMatch(of: /offset (-?[0-9]+)/).flatMap { Int($0.1) }, "\(text)")
    }

    private func read(_ arguments: [String]) async throws -> String {
        try await ask(["-C", "-q", "-e", "-J"] + arguments)
    }

    private func ask(_ arguments: [String]) async throws -> String {
        try await Command.output(of: "/usr/bin/env", ["kcat", "-b", bootstrap] + arguments)
    }
}
