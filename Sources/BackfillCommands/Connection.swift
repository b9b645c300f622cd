import BackfillCore
import BackfillEngine
import EmbeddedMilvus
import Foundation
import Logging
import MilvusStore

/// Opens the job's target, starting the embedded server if it is one.
enum Connection {
    /// How long a server is waited for that is not there when the program begins.
    private static let firstContactTime = Duration.seconds(30)

    static func with<Result: Sendable>(
        _ target: MilvusTarget, log: Logger, _ body: @Sendable @escaping (any CollectionStore) async throws -> Result
    ) async throws -> Result {
        let retry = retry(log)
        switch target.endpoint {
        case .remote(let host, let port, let tls):
            switch target.wireProtocol {
            case .grpc:
                return try await MilvusGRPCStore.withConnection(
                    to: target, host: host, port: port, tls: tls, retry: retry, body)
            case .rest:
                return try await MilvusRESTStore.withConnection(
                    to: target, host: host, port: port, tls: tls, retry: retry, body)
            }
        case .embedded(let path):
            return try await EmbeddedMilvus.withServer(path: path) { port in
                try await MilvusGRPCStore.withConnection(
                    to: target, host: "127.0.0.1", port: port, tls: nil, retry: retry, body)
            }
        }
    }

    /// Repeats what is asked before anything is written.
    static func retry(_ log: Logger) -> ServerRetry {
        retry(log, .init(transient: .transient(deadline: firstContactTime), unexpected: .unexpected))
    }

    /// Repeats calls for as long as a run repeats its writes.
    static func retry(_ log: Logger, _ run: RunOptions) -> ServerRetry {
        retry(
            log,
            .init(
                transient: .transient(deadline: run.unavailableTimeout), quota: .quota(deadline: run.quotaTimeout),
                unexpected: .unexpected))
    }

    private static func retry(_ log: Logger, _ policies: ServerRetry.Policies) -> ServerRetry {
        ServerRetry(policies, clock: ContinuousClock(), random: SystemRandomNumberGenerator()) { error, pause in
            log.warning("store.retry", metadata: ["error": "\(error)", "pauseSeconds": .seconds(pause)])
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
