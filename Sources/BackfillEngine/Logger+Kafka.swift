public import KafkaReader
public import Logging

extension Logger {
    /// Logs what librdkafka says about its connections. Its own log is shown where the job sets its property `debug`.
    public var kafkaEvents: @Sendable (KafkaEvent) -> Void {
        { event in
            switch event {
            case .trouble(let words): warning("kafka.trouble", metadata: ["error": "\(words)"])
            case .log(let line): debug("kafka.log", metadata: ["line": "\(line)"])
            case .detail(let line): info("kafka.detail", metadata: ["line": "\(line)"])
            }
        }
    }
}
