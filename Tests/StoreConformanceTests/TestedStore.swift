import BackfillCore
import Foundation
import MilvusStore
import Testing

/// The stores that the suite runs on: both protocols, each on both servers.
enum TestedStore: String, CaseIterable, CustomTestStringConvertible {
    case liteOverGRPC = "MILVUS_LITE_URI"
    case fullOverGRPC = "MILVUS_FULL_URI"
    case liteOverREST = "MILVUS_LITE_REST_URI"
    case fullOverREST = "MILVUS_FULL_REST_URI"

    var testDescription: String {
        switch self {
        case .liteOverGRPC: "Milvus Lite, gRPC"
        case .fullOverGRPC: "full Milvus, gRPC"
        case .liteOverREST: "Milvus Lite, REST"
        case .fullOverREST: "full Milvus, REST"
        }
    }

    var isLite: Bool { self == .liteOverGRPC || self == .liteOverREST }

    var isREST: Bool { self == .liteOverREST || self == .fullOverREST }

    /// Opens a collection of the server, which need not exist.
    func open<Result: Sendable>(
        _ collection: String, partition: String? = nil, port: Int? = nil,
        _ body: @Sendable @escaping (any CollectionStore) async throws -> Result
    ) async throws -> Result {
        let text = try #require(
            ProcessInfo.processInfo.environment[rawValue],
            "\(rawValue) is not set: these tests need real servers, run them with Tests/run.sh")
        let uri = try #require(URL(string: text))
        let host = try #require(uri.host())
        let target = MilvusTarget(
            endpoint: .remote(host: host, port: port ?? uri.port ?? 0, tls: nil), wireProtocol: isREST ? .rest : .grpc,
            collection: collection, partition: partition)
        let number = try #require(port ?? uri.port)
        let retry = ServerRetry(
            .init(transient: nil), clock: ContinuousClock(), random: SystemRandomNumberGenerator()
        ) { _, _ in }
        return isREST
            ? try await MilvusRESTStore.withConnection(
                to: target, host: host, port: number, tls: nil, retry: retry, body)
            : try await MilvusGRPCStore.withConnection(
                to: target, host: host, port: number, tls: nil, retry: retry, body)
    }
}

extension TestedStore {
    /// A name that no collection has yet.
    static func newName() -> String { "conformance_" + UUID().uuidString.prefix(8).lowercased() }
}
