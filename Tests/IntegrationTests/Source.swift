import Foundation
import TestSupport

/// A random sequence of messages over few keys, and the rows that have to be there after them.
struct RandomSource {
    struct Row {
        var value: Int
        var title: String
        var vector: [Double]
    }

    struct Message {
        var key: Int
        /// nil: a tombstone.
        var row: Row?

        /// The message's value, with a member of `padding` bytes that has no field.
        func payload(padding: Int) -> String? {
            guard let row else { return nil }
            let rest = padding > 0 ? #","padding":"\#(String(repeating: "x", count: padding))""# : ""
            return
                #"{"id":\#(key),"value":\#(row.value),"title":"\#(row.title)","embedding":\#(row.vector)\#(rest)}"#
        }
    }

    static let schema = schema()

    let messages: [Message]
    /// Bytes of a member that only makes the messages larger; a job has to drop `padding` where there are any.
    let padding: Int

    init(seed: UInt64, messages count: Int, keys: Int, padding: Int = 0) {
        self.padding = padding
        var random = SeededGenerator(seed: seed)
        messages = (0..<count).map { offset in
            let key = Int.random(in: 0..<keys, using: &random)
            guard Int.random(in: 0..<10, using: &random) > 0 else { return Message(key: key, row: nil) }
            return Message(
                key: key,
                row: Row(
                    value: offset, title: "title \(offset) \u{e9}",
                    // Eighths are exact in every format on the way.
                    vector: (0..<8).map { _ in Double(Int.random(in: -80...80, using: &random)) / 8 }))
        }
    }

    /// The schema of a collection for the messages, with further fields.
    static func schema(adding fields: String = "") -> String {
        """
        {"fields": [{"name": "id", "type": "INT64", "is_primary": true}, {"name": "value", "type": "INT64"},
        {"name": "title", "type": "VARCHAR", "max_length": 200}, \(fields)
        {"name": "embedding", "type": "FLOAT_VECTOR", "dim": 8}]}
        """
    }

    /// The messages as kcat prints them.
    var lines: [String] {
        messages.enumerated().map { offset, message in
            let payload =
                message.payload(padding: padding).map { "\"" + $0.replacing("\"", with: "\\\"") + "\"" } ?? "null"
            return
                #"{"topic":"t","partition":0,"offset":\#(offset),"tstype":"create","ts":1,"key":"\#(message.key)","payload":\#(payload)}"#
        }
    }

    /// The row of every key whose last message is no tombstone.
    ///
    /// - Parameter adding: What the row of the message with this index has besides.
    func rows(adding: (_ index: Int) -> [String: Any] = { _ in [:] }) -> [String: NSDictionary] {
        var last: [Int: Int] = [:]
        for (index, message) in messages.enumerated() { last[message.key] = index }
        var rows: [String: NSDictionary] = [:]
        for (key, index) in last {
            guard let row = messages[index].row else { continue }
            let fields: [String: Any] = [
                "id": key, "value": row.value, "title": row.title, "embedding": row.vector,
            ]
            rows["\(key)"] = NSDictionary(dictionary: fields.merging(adding(index)) { own, _ in own })
        }
        return rows
    }
}
