/// A property of librdkafka on whose value the program's promises rest, so that a job cannot choose it.
/// Names and values are those of librdkafka's CONFIGURATION.md.
public struct FixedKafkaProperty: Sendable {
    /// What the program sets it to; nil where it does without the property.
    public let value: String?
    /// What the program does, as the part of a sentence.
    public let reason: String

    private init(_ value: String?, _ reason: String) {
        self.value = value
        self.reason = reason
    }

    /// All of them by their names.
    public static let all = [
        "enable.auto.commit": noCommit,
        // The one that the consumer of this program looks at.
        "auto.commit.enable": noCommit,
        "enable.auto.offset.store": FixedKafkaProperty("false", ownPositions),
        "offset.store.method": FixedKafkaProperty("broker", ownPositions),
        "auto.offset.reset": FixedKafkaProperty(
            "error", "an offset that is not there any more stops the run, or is a gap with `onDataLoss: skip`"),
        "enable.partition.eof": FixedKafkaProperty(
            "true", "the program finds the end of a range by it when the last offsets hold no message"),
        "check.crcs": FixedKafkaProperty(
            "true", "the program checks every message, so that a damaged one never becomes a row"),
        "allow.auto.create.topics": FixedKafkaProperty(
            "false", "the program reads topics that are there and creates none"),
        "log.queue": FixedKafkaProperty("true", "the program takes librdkafka's log from a queue into its own log"),
        "plugin.library.paths": FixedKafkaProperty(nil, "the program loads no code of others into its process"),
        "ssl.engine.location": FixedKafkaProperty(nil, "the program loads no code of others into its process"),
    ]

    private static let noCommit = FixedKafkaProperty(
        "false", "the program keeps positions in its checkpoint and commits none to Kafka")
    private static let ownPositions = "the program keeps positions in its checkpoint and nowhere else"
}
