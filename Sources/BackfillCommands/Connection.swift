import BackfillCore
import EmbeddedMilvus
import Foundation
import MilvusStore

/// Opens the job's target, starting the embedded server if it is one.
enum Connection {
    static func with<Result: Sendable>(
        _ target: MilvusTarget, _ body: @Sendable @escaping (MilvusGRPCStore) async throws -> Result
    ) async throws -> Result {
        switch target.endpoint {
        case .remote(let host, let port, let tls):
            try await MilvusGRPCStore.withConnection(to: target, host: host, port: port, tls: tls, body)
        case .embedded(let path):
            try await EmbeddedMilvus.withServer(path: path) { port in
                try await MilvusGRPCStore.withConnection(to: target, host: "127.0.0.1", port: port, tls: nil, body)
            }
        }
    }

    /// The collection as it is, or as the job would make it.
    static func schema(of target: MilvusTarget, in store: MilvusGRPCStore) async throws(StoreError) -> CollectionSchema
    {
        switch try await collection(of: target, in: store) {
        case .existing(let schema): schema
        case .missing(let definition): schema(of: definition, target)
        }
    }

    /// What the target's name stands for.
    enum Collection {
        case existing(CollectionSchema)
        /// There is none, and this is how the job makes it.
        case missing(CollectionDefinition)
    }

    static func collection(of target: MilvusTarget, in store: MilvusGRPCStore) async throws(StoreError) -> Collection {
        do throws(StoreError) {
            return .existing(try await store.describe())
        } catch .missingCollection(let text) {
            guard let definition = target.create else {
                throw .missingCollection(
                    "collection `\(target.collection)` does not exist (\(text)): create it, or describe it under "
                        + "target.milvus.create so that the job does")
            }
            return .missing(definition)
        }
    }

    /// The collection that a definition describes.
    static func schema(of definition: CollectionDefinition, _ target: MilvusTarget) -> CollectionSchema {
        CollectionSchema(
            name: target.collection, id: 0, fields: definition.fields, hasDynamicField: definition.hasDynamicField)
    }

    /// The collection without a server, where none is there yet: an embedded one that was never started.
    static func schemaOfUntouchedTarget(_ target: MilvusTarget) -> CollectionSchema? {
        guard case .embedded(let path) = target.endpoint, let definition = target.create,
            !FileManager.default.fileExists(atPath: path)
        else { return nil }
        return schema(of: definition, target)
    }
}
