public import BackfillCore
import Foundation

extension MilvusRESTStore {
    public func describe(_ collection: String) async throws(StoreError) -> CollectionSchema {
        try await description(of: collection).schema(name: collection)
    }

    public func definition(of collection: String) async throws(StoreError) -> CollectionDefinition {
        let description = try await description(of: collection)
        var indexes: [CollectionDefinition.Index] = []
        for index in try await self.indexes(of: collection) { indexes.append(try index.definition) }
        return try description.definition(indexes: indexes)
    }

    /// The first index of each field.
    private func indexes(of collection: String) async throws(StoreError) -> [RESTIndex] {
        var names: [String] = []
        do throws(StoreError) {
            names = try await decoded([String].self, "indexes/list", ["collectionName": .text(collection)])
        } catch .missing {
            // Servers answer with an error where a collection has no index.
        }
        var indexes: [RESTIndex] = []
        for name in names {
            let described = try await decoded(
                [RESTIndex].self, "indexes/describe",
                ["collectionName": .text(collection), "indexName": .text(name)])
            for index in described where !indexes.contains(where: { $0.fieldName == index.fieldName }) {
                indexes.append(index)
            }
        }
        return indexes
    }

    public func indexStates() async throws(StoreError) -> [IndexState] {
        try await indexes(of: collection).map(\.state)
    }

    public func create(_ definition: CollectionDefinition) async throws(StoreError) {
        let creation = RESTCreation(definition)
        _ = try await call("collections/create", named.merging(creation.members) { _, new in new })
        guard !creation.otherProperties.isEmpty else { return }
        let properties = creation.otherProperties.map { ($0.name, JSONValue.text($0.value)) }
        _ = try await call(
            "collections/alter_properties",
            named.merging(["properties": .object(Dictionary(properties) { _, last in last })]) { _, new in new })
    }

    public func hasPartition(_ name: String) async throws(StoreError) -> Bool {
        struct Answer: Decodable { var has: Bool }
        return try await decoded(
            Answer.self, "partitions/has", named.merging(["partitionName": .text(name)]) { _, new in new }
        ).has
    }

    public func createPartition(_ name: String) async throws(StoreError) {
        _ = try await call("partitions/create", named.merging(["partitionName": .text(name)]) { _, new in new })
    }

    public func loadState() async throws(StoreError) -> LoadState {
        struct Answer: Decodable {
            var loadState: String
            var loadProgress: Int?
        }
        let answer = try await decoded(Answer.self, "collections/get_load_state", named)
        return switch answer.loadState {
        case "LoadStateLoaded": .loaded
        case "LoadStateLoading": .loading(percent: answer.loadProgress ?? 0)
        default: .notLoaded
        }
    }

    public func load() async throws(StoreError) {
        _ = try await call("collections/load", named)
    }

    public func count() async throws(StoreError) -> Int {
        var members = named
        members["outputFields"] = .array([.text("count(*)")])
        members["consistencyLevel"] = .text("Strong")
        if let partition { members["partitionNames"] = .array([.text(partition)]) }
        let rows = try await decoded([[String: Int]].self, "entities/query", members)
        guard let count = rows.first?["count(*)"] else {
            throw .fatal("entities/query: the answer to count(*) holds no number")
        }
        return count
    }

    public func query(_ query: RowQuery) async throws(StoreError) -> [Column] {
        guard query.limit > 0 else { return query.fields.map(Column.init) }
        var members = named
        let filter = String(decoding: KeyExpression.of(query), as: UTF8.self)
        if !filter.isEmpty { members["filter"] = .text(filter) }
        members["limit"] = .integer(Int64(query.limit))
        members["outputFields"] = .array(query.fields.map { .text($0.name) })
        members["consistencyLevel"] = .text("Strong")
        if let partition { members["partitionNames"] = .array([.text(partition)]) }
        do throws(StoreError) {
            let rows = try await call("entities/query", members, RESTRows.self, fields: query.fields)
            guard let rows else { throw .fatal("entities/query: the answer has no rows") }
            return rows.columns
        } catch {
            throw QueryFault.error(error)
        }
    }

    public func flush() async throws(StoreError) -> Flush {
        _ = try await call("collections/flush", named)
        return Flush()
    }

    /// Newer servers have answered `collections/flush` when it has ended, older ones before, and nothing tells them apart.
    public func hasEnded(_ flush: Flush) async throws(StoreError) -> Bool? { nil }

    public func collection(ofAlias alias: String) async throws(StoreError) -> String? {
        struct Answer: Decodable { var collectionName: String }
        do throws(StoreError) {
            return try await decoded(Answer.self, "aliases/describe", ["aliasName": .text(alias)]).collectionName
        } catch .missing {
            return nil
        }
    }

    public func setAlias(_ alias: String) async throws(StoreError) {
        let isTaken = try await collection(ofAlias: alias) != nil
        _ = try await call(
            isTaken ? "aliases/alter" : "aliases/create", named.merging(["aliasName": .text(alias)]) { _, new in new })
    }

    private func description(of collection: String) async throws(StoreError) -> RESTDescription {
        try await decoded(RESTDescription.self, "collections/describe", ["collectionName": .text(collection)])
    }

    private var named: [String: JSONValue] { ["collectionName": .text(collection)] }

    private func decoded<Value: Decodable>(
        _ type: Value.Type, _ path: String, _ members: [String: JSONValue]
    ) async throws(StoreError) -> Value {
        let data = try await call(path, members) ?? .null
        do {
            return try JSONDecoder().decode(type, from: Data(JSONMembers.text(of: data).utf8))
        } catch {
            throw .fatal("\(path): the answer is not what Milvus' RESTful API v2 says: \(error)")
        }
    }
}
