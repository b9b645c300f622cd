/// A validated job: everything that one run needs to know, with all paths resolved against the job file's folder.
public struct JobSpec: Sendable, Equatable {
    /// The job file's name without its extension; names the job in logs and reports.
    public var name: String
    public var source: SourceSpec
    public var record: RecordMapping
    public var target: MilvusTarget
    public var run: RunOptions

    public init(name: String, source: SourceSpec, record: RecordMapping, target: MilvusTarget, run: RunOptions) {
        self.name = name
        self.source = source
        self.record = record
        self.target = target
        self.run = run
    }

    /// Where the job keeps its rejects, or where a round of it may have kept some under another policy; nil where there are
    /// none. What a job that reads files finds there may be its source.
    public var rejectPath: String? {
        switch (record.onReject, source) {
        case (.file(let path, _), _): path
        case (.fail, .kafka): Self.rejectPath(ofJob: name, checkpoint: run.checkpoint)
        case (.fail, .dump): nil
        }
    }

    /// The reject file of a job that names none: beside its checkpoint.
    public static func rejectPath(ofJob name: String, checkpoint: String) -> String {
        let folder = checkpoint.lastIndex(of: "/").map { checkpoint[...$0] } ?? ""
        return "\(folder)\(name).rejects.jsonl.zst"
    }
}

/// Where the records come from.
public enum SourceSpec: Sendable, Equatable {
    case dump(DumpSource)
    case kafka(KafkaSource)

    /// Whether the job, once complete, goes on in another round with what has come since.
    public var isCatchUp: Bool {
        if case .kafka(let source) = self { source.isCatchUp } else { false }
    }
}

/// Files of JSON lines, compressed with zstd or plain.
public struct DumpSource: Sendable, Equatable {
    /// What a line of a dump holds.
    public enum Envelope: String, Sendable, CaseIterable, Codable {
        /// Decided by the first line of the first file that has one.
        case auto
        /// The line is the record.
        case none
        /// The line is a message as `kcat -J` prints it.
        case kcat
    }

    /// How the files relate to one another.
    public enum Order: String, Sendable, CaseIterable, Codable {
        /// One sequence in the listed order: a later file holds later records.
        case sequence
        /// Every file stands for itself; no order exists between files.
        case perFile
    }

    /// Paths or glob patterns, absolute; the matches of one pattern are taken in the order of their names.
    public var paths: [String]
    public var envelope: Envelope
    public var order: Order

    public init(paths: [String], envelope: Envelope = .auto, order: Order = .sequence) {
        self.paths = paths
        self.envelope = envelope
        self.order = order
    }
}

/// How a record of the source becomes a row of the collection.
public struct RecordMapping: Sendable, Equatable {
    /// What a record with a null value does.
    public enum Tombstones: String, Sendable, CaseIterable, Codable {
        case delete, skip, reject
    }

    /// Members that lead from the document to the record; empty: the document is the record.
    public var path: [String]
    /// Collection field to its source, for the fields whose source is not the member of the same name.
    public var fields: [String: FieldSource]
    /// Members of the record that are left out on purpose; `*` stands for every member without a field.
    public var drop: Set<String>
    /// How the key of a message is read: it names the row that a tombstone deletes, and is the value of `$key`.
    public var key: MessageKey
    public var tombstones: Tombstones
    public var onReject: RejectPolicy

    public init(
        path: [String] = [],
        fields: [String: FieldSource] = [:],
        drop: Set<String> = [],
        key: MessageKey = MessageKey(),
        tombstones: Tombstones = .delete,
        onReject: RejectPolicy = .fail
    ) {
        self.path = path
        self.fields = fields
        self.drop = drop
        self.key = key
        self.tombstones = tombstones
        self.onReject = onReject
    }
}

/// How the bytes of a message's key stand for a value.
public struct MessageKey: Sendable, Equatable {
    public enum Format: String, Sendable, CaseIterable, Codable {
        /// Text in UTF-8; for an integer its decimal digits.
        case text
        /// A JSON text: a string or a number, or an object that holds one at `path`.
        case json
        /// A signed integer, most significant byte first, of 1, 2, 4 or 8 bytes, as Kafka's own serializers write it.
        case integer
    }

    public var format: Format
    /// Members that lead from a JSON key to the value; empty: the key is the value.
    public var path: [String]

    public init(format: Format = .text, path: [String] = []) {
        self.format = format
        self.path = path
    }
}

/// Where a collection field takes its value from.
public enum FieldSource: Sendable, Hashable {
    /// A member of the record.
    case member(String)
    /// `$key`: the message's key.
    case key
    /// `$topic`
    case topic
    /// `$partition`
    case partition
    /// `$offset`
    case offset
    /// `$timestamp`: milliseconds since 1970.
    case timestamp
    /// `$header.NAME`: the value of the message's last header of that name.
    case header(String)
}

/// What happens to a record that cannot be written.
public enum RejectPolicy: Sendable, Equatable {
    /// The run stops at the first one.
    case fail
    /// Each one is kept in the file at `path`; more than `max` of them stop the run.
    case file(path: String, max: Int)
}

/// The collection that is filled, and how it is reached.
public struct MilvusTarget: Sendable, Equatable {
    /// Where the server is.
    public enum Endpoint: Sendable, Equatable {
        case remote(host: String, port: Int, tls: TLSOptions?)
        /// A Milvus Lite that the job starts and stops itself, with its data in this folder.
        case embedded(path: String)
    }

    public var endpoint: Endpoint
    /// What is spoken with a remote server.
    public enum WireProtocol: String, Sendable, CaseIterable {
        case grpc, rest
    }

    public var wireProtocol: WireProtocol
    /// `user:password` or an API key.
    public var token: Secret?
    /// The database's name; nil: the server's default one.
    public var database: String?
    public var collection: String
    /// The partition that every row goes to and every tombstone deletes from; nil: the server's choice.
    public var partition: String?
    /// What stands for the collection once the job is finished; another name than the collection's.
    public var alias: String?
    /// How to make the collection when it is missing.
    public var create: CollectionRecipe?

    public init(
        endpoint: Endpoint,
        wireProtocol: WireProtocol = .grpc,
        token: Secret? = nil,
        database: String? = nil,
        collection: String,
        partition: String? = nil,
        alias: String? = nil,
        create: CollectionRecipe? = nil
    ) {
        self.endpoint = endpoint
        self.wireProtocol = wireProtocol
        self.token = token
        self.database = database
        self.collection = collection
        self.partition = partition
        self.alias = alias
        self.create = create
    }

    /// The name of the database, as far as it is known.
    public var databaseName: String { database ?? "default" }
}

/// How a server's certificate is checked, and with what the client proves itself. Paths of PEM files.
public struct TLSOptions: Sendable, Equatable {
    /// Certificate authorities to trust in place of the system's.
    public var certificateAuthorities: String?
    public var clientCertificate: String?
    public var clientKey: String?

    public init(certificateAuthorities: String? = nil, clientCertificate: String? = nil, clientKey: String? = nil) {
        self.certificateAuthorities = certificateAuthorities
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
    }
}

/// How the job runs; but for `ifNewer` none of it changes what ends up in the collection.
public struct RunOptions: Sendable, Equatable {
    /// Path of the checkpoint file.
    public var checkpoint: String
    /// Ordered write queues, each with one request in flight at a time; nil: chosen by the program.
    public var lanes: Int?
    /// The most rows of one request.
    public var batchRows: Int
    /// The most bytes of one request.
    public var batchBytes: Int
    /// The most bytes of records that are read and not yet settled.
    public var memory: Int
    /// The most rows that are sent in a second; nil: as many as the server takes.
    public var rate: Double?
    /// How long a run may take before it stops, to be resumed; nil: as long as it needs.
    public var maxDuration: Duration?
    /// How long a server that cannot be reached or is busy is asked again.
    public var unavailableTimeout: Duration
    /// How long a server is asked again that has no memory or disk left, or denies writes.
    public var quotaTimeout: Duration
    /// The field by which a stored row may be newer than a record, which then leaves it alone; nil: records always win.
    public var ifNewer: String?
    /// How much is logged.
    public var logLevel: LogLevel
    /// Where the run's numbers go.
    public var metrics: MetricsOptions

    public init(
        checkpoint: String,
        lanes: Int? = nil,
        batchRows: Int = 2000,
        batchBytes: Int = 8 << 20,
        memory: Int = 512 << 20,
        rate: Double? = nil,
        maxDuration: Duration? = nil,
        unavailableTimeout: Duration = .seconds(300),
        quotaTimeout: Duration = .seconds(600),
        ifNewer: String? = nil,
        logLevel: LogLevel = .info,
        metrics: MetricsOptions = MetricsOptions()
    ) {
        self.checkpoint = checkpoint
        self.lanes = lanes
        self.batchRows = batchRows
        self.batchBytes = batchBytes
        self.memory = memory
        self.rate = rate
        self.maxDuration = maxDuration
        self.unavailableTimeout = unavailableTimeout
        self.quotaTimeout = quotaTimeout
        self.ifNewer = ifNewer
        self.logLevel = logLevel
        self.metrics = metrics
    }
}

/// Where the numbers of a run go, for a Prometheus that watches the job.
public struct MetricsOptions: Sendable, Equatable {
    /// Path of a file for the textfile collector of Prometheus' node exporter.
    public var file: String?
    /// URL of a Pushgateway; a user and a password may stand in it.
    public var pushgateway: Secret?

    public init(file: String? = nil, pushgateway: Secret? = nil) {
        self.file = file
        self.pushgateway = pushgateway
    }
}

/// The least important events that are logged.
public enum LogLevel: String, Sendable, CaseIterable {
    case debug, info, warning, error
}
