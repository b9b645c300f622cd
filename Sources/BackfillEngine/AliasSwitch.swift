public import BackfillCore
public import Checkpoints

/// Moves a job's alias to the collection that it has filled, and back.
///
/// What the alias stands for is remembered, durably, before it is moved.
public struct AliasSwitch: Sendable {
    /// What an alias stood for, and stands for now.
    public struct Outcome: Sendable, Equatable {
        /// nil: there was no such alias.
        public var before: String?
        public var after: String
    }

    private let alias: String
    private let target: MilvusTarget
    private let file: SwitchFile
    private let retry: ServerRetry

    /// - Parameter file: hold the job's `RunLock` as long as the switch is used.
    public init(_ alias: String, target: MilvusTarget, file: SwitchFile, retry: ServerRetry) {
        self.alias = alias
        self.target = target
        self.file = file
        self.retry = retry
    }

    /// Looks whether the alias can be moved, before anything is waited for.
    ///
    /// - Throws: `FinishError`, `StoreError`.
    public func check(in store: some CollectionStore) async throws {
        guard try await current(in: store) == nil else { return }
        do throws(StoreError) {
            _ = try await retry { () async throws(StoreError) in try await store.describe(alias) }
        } catch .missing {
            return
        }
        throw FinishError.aliasIsCollection(alias)
    }

    /// Makes the alias stand for the job's collection, in one step.
    ///
    /// - Parameters:
    ///   - collection: The job's collection as `store` tells of it.
    ///   - now: RFC 3339, UTC.
    /// - Throws: `StoreError`, `SwitchFileError`.
    public func move(to collection: CollectionSchema, in store: some CollectionStore, now: String) async throws
        -> Outcome
    {
        let before = try await current(in: store)
        guard before != collection.name else { return Outcome(before: before, after: collection.name) }
        var previous: SwitchRecord.Collection?
        if let before {
            let schema = try await retry { () async throws(StoreError) in try await store.describe(before) }
            previous = SwitchRecord.Collection(name: before, id: schema.id)
        }
        try file.save(
            SwitchRecord(
                database: target.databaseName, alias: alias, before: previous,
                after: SwitchRecord.Collection(name: collection.name, id: collection.id), recordedAt: now))
        try await retry { () async throws(StoreError) in try await store.setAlias(alias) }
        return Outcome(before: before, after: collection.name)
    }

    /// The collection for which the alias stood before the job's last switch.
    ///
    /// - Throws: `FinishError` when there is none, `SwitchFileError`.
    public func previous() throws -> SwitchRecord.Collection {
        guard let record = try file.load() else { throw FinishError.noSwitch(path: file.path) }
        guard record.alias == alias, record.after.name == target.collection, record.database == target.databaseName
        else {
            throw FinishError.otherSwitch(path: file.path, alias: record.alias, collection: record.after.name)
        }
        guard let before = record.before else { throw FinishError.aliasWasNew(alias) }
        return before
    }

    /// Makes the alias stand for what it stood for before.
    ///
    /// - Parameters:
    ///   - previous: As `previous()` returns it.
    ///   - store: Of the previous collection.
    ///   - prepare: Has that collection ready to be searched when it returns.
    /// - Throws: `FinishError`, `StoreError`, what `prepare` throws.
    public func moveBack(
        to previous: SwitchRecord.Collection, in store: some CollectionStore, prepare: () async throws -> Void
    ) async throws -> Outcome {
        guard try await isToMoveBack(to: previous, in: store) else {
            return Outcome(before: previous.name, after: previous.name)
        }
        let id = try await id(of: previous, in: store)
        guard id == previous.id || id == 0 || previous.id == 0 else {
            throw FinishError.previousRemade(previous.name)
        }
        try await prepare()
        // That may have taken long enough for somebody else to move it.
        guard try await isToMoveBack(to: previous, in: store) else {
            return Outcome(before: previous.name, after: previous.name)
        }
        try await retry { () async throws(StoreError) in try await store.setAlias(alias) }
        return Outcome(before: target.collection, after: previous.name)
    }

    /// - Returns: false where the alias stands for the previous collection already.
    private func isToMoveBack(
        to previous: SwitchRecord.Collection, in store: some CollectionStore
    ) async throws -> Bool {
        let current = try await current(in: store)
        guard current != previous.name else { return false }
        guard current == target.collection else {
            throw FinishError.aliasMoved(alias, to: current, from: target.collection)
        }
        return true
    }

    private func id(of previous: SwitchRecord.Collection, in store: some CollectionStore) async throws -> Int64 {
        do throws(StoreError) {
            return try await retry { () async throws(StoreError) in try await store.describe() }.id
        } catch .missing {
            throw FinishError.previousGone(previous.name)
        }
    }

    private func current(in store: some CollectionStore) async throws(StoreError) -> String? {
        try await retry { () async throws(StoreError) in try await store.collection(ofAlias: alias) }
    }
}
