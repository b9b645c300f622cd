import KafkaReader
import Synchronization

/// Keeps what librdkafka says.
final class EventLog: Sendable {
    private let events = Mutex<[KafkaEvent]>([])

    var all: [KafkaEvent] { events.withLock(\.self) }

    @Sendable func add(_ event: KafkaEvent) {
        events.withLock { $0.append(event) }
    }
}
