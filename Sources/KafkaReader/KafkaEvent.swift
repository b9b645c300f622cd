/// Something that librdkafka says about its connections and not about one message.
public enum KafkaEvent: Sendable, Equatable {
    /// Trouble that librdkafka goes on to mend by itself.
    case trouble(String)
    /// A line of librdkafka's own log. Most of them say again what a trouble says.
    case log(String)
    /// A line of it that is there only because the job sets the property `debug`.
    case detail(String)
}
