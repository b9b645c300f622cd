import Foundation
import Testing

/// Looks at a Milvus through pymilvus, so that what this project writes is read by somebody else.
struct Oracle {
    let uri: String
    var environment: [String: String] = [:]

    /// Makes a collection anew.
    func create(_ collection: String, _ schema: String) async throws {
        _ = try await ask("create", collection, schema)
    }

    /// Makes a collection with a field `x` of a type, by its name or number in Milvus, and loads nothing.
    func createUnloaded(_ collection: String, _ type: String) async throws {
        _ = try await ask("unloaded", collection, type)
    }

    func createDatabase(_ name: String) async throws {
        _ = try await ask("database", name)
    }

    func drop(_ collection: String) async throws {
        _ = try await ask("drop", collection)
    }

    func has(_ collection: String) async throws -> Bool {
        try await ask("exists", collection).hasPrefix("true")
    }

    /// Every row, by the text of its primary key.
    func rows(of collection: String) async throws -> [String: NSDictionary] {
        try Self.rows(in: try await text(of: collection))
    }

    /// Every row as a line of JSON.
    func text(of collection: String) async throws -> String {
        try await ask("rows", collection)
    }

    static func rows(in text: String) throws -> [String: NSDictionary] {
        var rows: [String: NSDictionary] = [:]
        for row in try jsonLines(text) {
            let value = try #require(row["id"])
            #expect(rows.updateValue(row, forKey: "\(value)") == nil, "key \(value) stands in the collection twice")
        }
        return rows
    }

    /// The schema, the settings and the indexes.
    func description(of collection: String) async throws -> NSDictionary {
        try #require(try jsonLines(try await ask("describe", collection)).first)
    }

    func partitions(of collection: String) async throws -> Set<String> {
        Set(try await ask("partitions", collection).split(separator: "\n").map(String.init))
    }

    func dropPartition(_ partition: String, of collection: String) async throws {
        _ = try await ask("forget", collection, partition)
    }

    /// Takes the collection out of the server's memory.
    func release(_ collection: String) async throws {
        _ = try await ask("release", collection)
    }

    /// The collection that an alias stands for; empty where there is no such alias.
    func collection(ofAlias alias: String) async throws -> String {
        try await ask("alias", alias).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func setAlias(_ alias: String, to collection: String) async throws {
        _ = try await ask("set-alias", collection, alias)
    }

    /// Writes rows, given as a JSON array.
    func upsert(_ rows: String, into collection: String) async throws {
        _ = try await ask("upsert", collection, rows)
    }

    /// Deletes rows by their keys, given as a JSON array.
    func delete(_ keys: String, from collection: String) async throws {
        _ = try await ask("delete", collection, keys)
    }

    func count(of collection: String) async throws -> Int {
        try #require(Int(try await ask("count", collection).trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    private func ask(_ arguments: String...) async throws -> String {
        try await Command.output(
            of: TestEnvironment.python(), [TestFolders.script("oracle.py"), uri] + arguments, environment: environment)
    }
}
