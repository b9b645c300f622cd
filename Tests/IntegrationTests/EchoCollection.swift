import Foundation
import Testing

/// A collection that keeps every part of a message, and messages for it, each of which makes a row of its own.
enum Echo {
    /// For the job's target, which makes the collection.
    static let create = """
        , create: {fields: [{name: id, type: VarChar, maxLength: 64, primaryKey: true},
        {name: key, type: VarChar, maxLength: 64}, {name: origin, type: VarChar, maxLength: 64},
        {name: topic, type: VarChar, maxLength: 255}, {name: sent_at, type: Int64}, {name: part, type: Int64},
        {name: place, type: Int64}, {name: embedding, type: FloatVector, dim: 2}],
        indexes: [{field: embedding, type: FLAT, metric: L2}]}
        """

    /// The job's `record`. A key may come again without naming the row of another message.
    static let record = """
        {tombstones: skip, drop: [padding], fields: {key: $key, origin: $header.origin, topic: $topic,
        sent_at: $timestamp, part: $partition, place: $offset}}
        """

    /// - Parameters:
    ///   - number: one for each message of a topic.
    ///   - padding: bytes that only make the message larger.
    static func message(
        _ number: Int, partition: Int = 0, key: String? = nil, padding: Int = 0, codec: TopicMessage.Codec = .none,
        transaction: String? = nil, abort: Bool = false
    ) -> TopicMessage {
        let rest = padding > 0 ? #","padding":"\#(String(repeating: "x", count: padding))""# : ""
        return TopicMessage(
            partition: partition, key: key ?? "key \(number)",
            value: #"{"id":"message \#(number)","embedding":[\#(number).5,-1]\#(rest)}"#,
            timestamp: 1_700_000_000_000 + Int64(number), headers: [["origin", "origin \(number)"]], codec: codec,
            transaction: transaction, abort: abort)
    }

    /// The rows that messages have to make, as kcat has read these.
    static func rows(of messages: [NSDictionary]) throws -> [String: NSDictionary] {
        var rows: [String: NSDictionary] = [:]
        for message in messages {
            let payload = try #require(message["payload"] as? String)
            let record = try #require(
                try JSONSerialization.jsonObject(with: Data(payload.utf8)) as? [String: Any])
            let headers = try #require(message["headers"] as? [String])
            let id = try #require(record["id"] as? String)
            rows[id] = [
                "id": id, "embedding": try #require(record["embedding"]), "key": try #require(message["key"]),
                "origin": headers[1], "topic": try #require(message["topic"]), "sent_at": try #require(message["ts"]),
                "part": try #require(message["partition"]), "place": try #require(message["offset"]),
            ]
        }
        return rows
    }
}
