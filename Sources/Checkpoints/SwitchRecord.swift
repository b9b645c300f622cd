/// What an alias stood for before a job moved it, so that it can be moved back.
public struct SwitchRecord: Sendable, Equatable, Codable, SealedDocument {
    package static let currentVersion = 1

    public struct Collection: Sendable, Equatable, Codable {
        public var name: String
        /// 0 where the server gives none.
        public var id: Int64

        public init(name: String, id: Int64) {
            self.name = name
            self.id = id
        }
    }

    public var version: Int
    public var database: String
    public var alias: String
    /// nil: there was no such alias.
    public var before: Collection?
    public var after: Collection
    /// RFC 3339, UTC: right before the alias was moved.
    public var recordedAt: String

    public init(database: String, alias: String, before: Collection?, after: Collection, recordedAt: String) {
        self.version = Self.currentVersion
        self.database = database
        self.alias = alias
        self.before = before
        self.after = after
        self.recordedAt = recordedAt
    }
}
