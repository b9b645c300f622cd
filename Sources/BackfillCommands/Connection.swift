import BackfillCore
import BackfillEngine
import EmbeddedMilvus
import Foundation
import MilvusStore

/// Opens the job's target, starting the embedded server if it is one.
enum Connection {
    static func with<Result: Sendable>(
        _ target: MilvusTarget, _ body: @Sendable @escaping (any CollectionStore) async throws -> Result
    ) async throws -> Result {
        switch target.endpoint {
        case .remote(let host, let port, let tls):
            switch target.wireProtocol {
            case .grpc: try await MilvusGRPCStore.withConnection(to: target, host: host, port: port, tls: tls, body)
            case .rest: try await MilvusRESTStore.withConnection(to: target, host: host, port: port, tls: tls, body)
            }
        case .embedded(let path):
            try await EmbeddedMilvus.withServer(path: path) { port in
                try await MilvusGRPCStore.withConnection(to: target, host: "127.0.0.1", port: port, tls: nil, body)
            }
        }
    }

    /// The collection without a server, where none is there yet: an embedded one that was never started.
    static func untouched(_ target: MilvusTarget) -> TargetPlan? {
        guard case .embedded(let path) = target.endpoint, case .described(let definition) = target.create,
            !FileManager.default.fileExists(atPath: path)
        else { return nil }
        return TargetPlan(target, missing: definition, limits: ServerVersion.embedded.limits)
    }
}
