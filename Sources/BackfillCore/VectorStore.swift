/// Where the rows go.
///
/// Implementations are safe to call from many tasks at once. A cancelled call may or may not have had its effect.
public protocol VectorStore: Sendable {
    /// The collection as the server knows it now.
    func describe() async throws(StoreError) -> CollectionSchema

    /// Encodes a batch once, so that every attempt sends the same bytes. Does not touch the server.
    func encode(_ batch: RowBatch) -> EncodedBatch

    /// Writes a batch and returns when the server has acknowledged all of it. Idempotent: an upsert by primary key
    /// leaves the same row however often it is repeated.
    func write(_ batch: EncodedBatch) async throws(StoreError)
}

/// The server's side of a collection beyond its rows: what a job asks for before it begins and when it has ended.
///
/// Safe to call from many tasks at once.
public protocol CollectionStore: VectorStore {
    /// What this server does not take.
    var limits: ServerLimits { get }

    /// Another collection of the same database as the server knows it now.
    func describe(_ collection: String) async throws(StoreError) -> CollectionSchema

    /// How a collection of the same database was made.
    func definition(of collection: String) async throws(StoreError) -> CollectionDefinition

    /// Makes the collection with its indexes, and loads it if it has any.
    func create(_ definition: CollectionDefinition) async throws(StoreError)

    func hasPartition(_ name: String) async throws(StoreError) -> Bool

    func createPartition(_ name: String) async throws(StoreError)

    /// Whether the collection can be searched.
    func loadState() async throws(StoreError) -> LoadState

    /// How many rows a search sees that sees all that was acknowledged; the collection must be loaded.
    func count() async throws(StoreError) -> Int

    /// Reads rows as they are after everything that was acknowledged; the collection must be loaded.
    ///
    /// - Returns: a column for each of the query's fields, in their order and all with the same number of rows. A value that
    ///   the server does not have counts as absent, and one that it filled in as any other.
    /// - Throws: `StoreError.tooLarge` where the rows do not fit one answer.
    func query(_ query: RowQuery) async throws(StoreError) -> [Column]

    /// Has the collection loaded, so that it can be searched; returns before it is.
    func load() async throws(StoreError)

    /// Asks the server to write what it holds in memory to its storage; most servers answer before they have.
    func flush() async throws(StoreError) -> Flush

    /// Whether a flush has come to its end; nil where the server does not tell.
    func hasEnded(_ flush: Flush) async throws(StoreError) -> Bool?

    /// How far the server is with each of the collection's indexes.
    func indexStates() async throws(StoreError) -> [IndexState]

    /// The collection that an alias stands for; nil when there is no such alias.
    func collection(ofAlias alias: String) async throws(StoreError) -> String?

    /// Makes an alias stand for the collection, in one step where it stood for another one.
    func setAlias(_ alias: String) async throws(StoreError)
}

/// Whether a collection is in the memory of the servers that search it.
public enum LoadState: Sendable, Equatable {
    case notLoaded
    case loading(percent: Int)
    case loaded
}

/// A batch in the form in which a store sends it.
public struct EncodedBatch: Sendable {
    public enum Request: Sendable {
        case upsert([UInt8])
        case delete([UInt8])

        public var bytes: [UInt8] {
            switch self {
            case .upsert(let bytes), .delete(let bytes): bytes
            }
        }
    }

    /// Sent one after the other: the next one when the one before is acknowledged.
    public var requests: [Request]
    /// Rows and keys in all of them.
    public var rows: Int

    public init(requests: [Request], rows: Int) {
        self.requests = requests
        self.rows = rows
    }

    /// Of all requests.
    public var bytes: Int { requests.reduce(0) { $0 + $1.bytes.count } }
}

/// Why a store did not do what it was asked, by what to do about it.
public enum StoreError: Error, Sendable, Equatable {
    /// Not ready, overloaded or unreachable: the same request may succeed soon.
    case transient(String)
    /// Out of memory or disk, or writing is denied for now: needs minutes, or a person.
    case quota(String)
    /// The request exceeds what the server takes: send less at a time.
    case tooLarge(String)
    /// The server refuses the rows themselves.
    case refusedRows(String)
    /// The server's answer does not tell whether it means the rows or its own state.
    case unexpected(String)
    /// The collection or partition, or the alias or index that was asked for, does not exist.
    case missing(String)
    /// The collection's schema is not the one that the rows were made for any more.
    case schemaChanged(String)
    /// No repetition helps.
    case fatal(String)
    /// The caller's task was cancelled.
    case cancelled
}

extension StoreError {
    /// What the server, or the way to it, said.
    public var words: String {
        switch self {
        case .transient(let text), .quota(let text), .tooLarge(let text), .refusedRows(let text), .unexpected(let text),
            .missing(let text), .schemaChanged(let text), .fatal(let text):
            text
        case .cancelled: ""
        }
    }
}

extension StoreError: UserFacingError {
    public var description: String {
        switch self {
        case .transient(let text): "the server did not become available: \(text)"
        case .quota(let text): "the server keeps refusing writes for lack of resources: \(text)"
        case .tooLarge(let text): "the server finds a single row too large: \(text)"
        case .refusedRows(let text): "the server refuses rows that fit the collection's schema: \(text)"
        case .unexpected(let text), .missing(let text), .schemaChanged(let text), .fatal(let text): text
        case .cancelled: "the request was cancelled"
        }
    }

    public var exitStatus: ExitStatus {
        switch self {
        case .transient, .quota: .temporarilyUnavailable
        case .schemaChanged: .foreignCheckpoint
        case .tooLarge, .refusedRows, .unexpected, .missing, .fatal, .cancelled: .failed
        }
    }
}
