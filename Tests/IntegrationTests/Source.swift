import Foundation
import TestSupport

/// A random sequence of messages over few keys, and the rows that have to be there after them.
struct RandomSource {
    struct Row: Equatable {
        var value: Int
        var title: String
        var vector: [Double]
    }

    static let schema = """
        {"fields": [{"name": "id", "type": "INT64", "is_primary": true}, {"name": "value", "type": "INT64"},
        {"name": "title", "type": "VARCHAR", "max_length": 200},
        {"name": "embedding", "type": "FLOAT_VECTOR", "dim": 8}]}
        """

    private(set) var lines: [String] = []
    /// The last state of every key, nil after a tombstone.
    private(set) var model: [Int: Row] = [:]

    init(seed: UInt64, messages: Int, keys: Int) {
        var random = SeededGenerator(seed: seed)
        var rows: [Int: Row?] = [:]
        for offset in 0..<messages {
            let key = Int.random(in: 0..<keys, using: &random)
            guard Int.random(in: 0..<10, using: &random) > 0 else {
                rows[key] = .some(nil)
                lines.append(
                    #"{"topic":"t","partition":0,"offset":\#(offset),"tstype":"create","ts":1,"key":"\#(key)","payload":null}"#
                )
                continue
            }
            let row = Row(
                value: offset, title: "title \(offset) \u{e9}",
                // Eighths are exact in every format on the way.
                vector: (0..<8).map { _ in Double(Int.random(in: -80...80, using: &random)) / 8 })
            rows[key] = row
            let payload =
                #"{\"id\":\#(key),\"value\":\#(row.value),\"title\":\"\#(row.title)\",\"embedding\":\#(row.vector)}"#
            lines.append(
                #"{"topic":"t","partition":0,"offset":\#(offset),"tstype":"create","ts":1,"key":"\#(key)","payload":"\#(payload)"}"#
            )
        }
        model = rows.compactMapValues(\.self)
    }

    /// What differs between the rows of a collection and the model, one line a key.
    func differences(from rows: [String: NSDictionary]) -> [String] {
        var differences = Set(rows.keys).subtracting(model.keys.map(String.init)).map { "unexpected key \($0)" }
        for (key, expected) in model {
            guard let row = rows[String(key)] else {
                differences.append("missing key \(key)")
                continue
            }
            let found = Row(
                value: row["value"] as? Int ?? -1, title: row["title"] as? String ?? "",
                vector: row["embedding"] as? [Double] ?? [])
            if found != expected { differences.append("key \(key): \(found) in place of \(expected)") }
        }
        return differences.sorted()
    }
}
