/// What a source hands over for each record.
public enum RecordForm: Sendable {
    /// A line that is the record; it came in no message.
    case record
    /// A line that holds a message as `kcat -J` prints it.
    case kcat
    /// A message of a Kafka topic.
    case message
}
