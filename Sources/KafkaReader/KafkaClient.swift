import BackfillCore
import CRdKafka
import Synchronization

/// The owner of one librdkafka consumer, which belongs to no group: its partitions are named to it.
///
/// librdkafka may be called from any thread at any time, and the last owner destroys it.
@safe
final class KafkaClient: @unchecked Sendable {
    private struct State {
        /// The error that nothing can mend, once there was one.
        var fatal: KafkaError?
        /// The last trouble with the connections, and when it was last told.
        var trouble: (words: String, time: ContinuousClock.Instant)?
        var isConnected = false
    }

    /// Trouble that is said again within this time is not repeated.
    private static let quietTime = Duration.seconds(10)
    /// The level of syslog.
    private static let debugLevel: Int32 = 7

    let handle: OpaquePointer
    let brokers: String
    private let mainQueue: OpaquePointer
    private let onEvent: @Sendable (KafkaEvent) -> Void
    private let state = Mutex(State())
    private let lastTold = Mutex<[String: ContinuousClock.Instant]>([:])

    /// Connects to nothing yet.
    ///
    /// - Throws: `KafkaError.property`, `KafkaError.client`.
    init(
        _ configuration: KafkaConfiguration, onEvent: @escaping @Sendable (KafkaEvent) -> Void
    ) throws(KafkaError) {
        let properties = try unsafe configuration.makeHandle()
        var words = ""
        let handle = unsafe ErrorText.collect(into: &words) { text, size in
            unsafe rd_kafka_new(RD_KAFKA_CONSUMER, properties, text, size)
        }
        guard let handle = unsafe handle else {
            // Only a consumer that was made owns its properties.
            unsafe rd_kafka_conf_destroy(properties)
            throw .client(words: words)
        }
        guard let mainQueue = unsafe rd_kafka_queue_get_main(handle) else {
            unsafe rd_kafka_destroy(handle)
            throw .client(words: "it has no main queue")
        }
        unsafe rd_kafka_set_log_queue(handle, nil)
        unsafe self.handle = handle
        unsafe self.mainQueue = mainQueue
        self.brokers = configuration.brokers
        self.onEvent = onEvent
    }

    deinit {
        unsafe rd_kafka_queue_destroy(mainQueue)
        // Without group and without messages under way it does not wait for a broker.
        unsafe rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
    }

    /// The last trouble with the connections from a time on, in librdkafka's words.
    func trouble(since time: ContinuousClock.Instant) -> String? {
        state.withLock { state in state.trouble.flatMap { $0.time >= time ? $0.words : nil } }
    }

    /// A broker has answered: from here on a failing handshake is taken for one that may pass.
    func noteConnection() {
        state.withLock { $0.isConnected = true }
    }

    /// Takes note of what happened to the connections.
    ///
    /// - Throws: what cannot be mended by waiting, to every caller from then on.
    func serveEvents() throws(KafkaError) {
        try unsafe serveEvents(of: mainQueue)
    }

    /// Takes note of what brokers say of the job's group, on which nothing but its committed offsets depends.
    ///
    /// - Throws: As `serveEvents`.
    func serveGroupEvents() throws(KafkaError) {
        guard let queue = unsafe rd_kafka_queue_get_consumer(handle) else { return }
        defer { unsafe rd_kafka_queue_destroy(queue) }
        try unsafe serveEvents(of: queue)
    }

    private func serveEvents(of queue: OpaquePointer) throws(KafkaError) {
        while let event = unsafe rd_kafka_queue_poll(queue, 0) {
            defer { unsafe rd_kafka_event_destroy(event) }
            switch unsafe rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_ERROR:
                let words = unsafe rd_kafka_event_error_string(event).map { unsafe String(cString: $0) } ?? ""
                take(
                    unsafe rd_kafka_event_error(event), words, isFatal: unsafe rd_kafka_event_error_is_fatal(event) != 0
                )
            case RD_KAFKA_EVENT_LOG:
                unsafe tellLog(event)
            default:
                break
            }
        }
        if let fatal = state.withLock(\.fatal) { throw fatal }
    }

    private func take(_ code: rd_kafka_resp_err_t, _ words: String, isFatal: Bool) {
        // What librdkafka counts is new each time, and says nothing about the cause.
        let words = words.split(separator: " (after ").first.map(String.init) ?? words
        state.withLock { state in
            // That all brokers are down follows from what was said of each.
            let known = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ? state.trouble?.words : nil
            state.trouble = (known ?? words, .now)
            if code.isDenial || isFatal || (code == RD_KAFKA_RESP_ERR__SSL && !state.isConnected) {
                state.fatal = .denied(words: words)
            }
        }
        tell(words)
    }

    /// Tells of trouble, unless it was told of a moment ago.
    func tell(_ words: String) {
        let now = ContinuousClock.now
        let isNew = lastTold.withLock { told in
            told = told.filter { $0.value.duration(to: now) < Self.quietTime }
            return told.updateValue(told[words] ?? now, forKey: words) == nil
        }
        if isNew { onEvent(.trouble(words)) }
    }

    private func tellLog(_ event: OpaquePointer) {
        var facility: UnsafePointer<CChar>?
        var text: UnsafePointer<CChar>?
        var level: Int32 = 0
        // The texts live as long as the event.
        guard unsafe rd_kafka_event_log(event, &facility, &text, &level) == 0, let text = unsafe text else { return }
        let line = unsafe String(cString: text)
        onEvent(level < Self.debugLevel ? .log(line) : .detail(line))
    }
}

extension rd_kafka_resp_err_t {
    /// librdkafka's words for it.
    var words: String {
        // librdkafka returns a constant, terminated string for every code.
        unsafe rd_kafka_err2str(self).map { unsafe String(cString: $0) } ?? "error \(rawValue)"
    }

    /// Whether a broker refuses who we are or what we ask for.
    var isDenial: Bool {
        switch self {
        case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
            RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM,
            RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
            true
        default:
            false
        }
    }
}
