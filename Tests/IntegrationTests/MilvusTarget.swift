import Foundation
import Testing

/// The real servers, by each protocol that reaches them.
enum MilvusTarget: CaseIterable, CustomTestStringConvertible {
    case liteOverGRPC, liteOverREST, fullOverGRPC, fullOverREST

    var testDescription: String { "\(isLite ? "Milvus Lite" : "full Milvus"), \(isREST ? "REST" : "gRPC")" }

    var isLite: Bool { self == .liteOverGRPC || self == .liteOverREST }

    var isREST: Bool { self == .liteOverREST || self == .fullOverREST }

    /// Where the program reaches the server.
    func uri() throws -> String {
        switch self {
        case .liteOverGRPC: try TestEnvironment.lite()
        case .fullOverGRPC: try TestEnvironment.full()
        case .liteOverREST: try TestEnvironment.variable("MILVUS_LITE_REST_URI")
        case .fullOverREST: try TestEnvironment.variable("MILVUS_FULL_REST_URI")
        }
    }

    /// The same server, looked at through pymilvus.
    func oracle() throws -> Oracle {
        Oracle(uri: try isLite ? TestEnvironment.lite() : TestEnvironment.full())
    }

    /// Keys of the job's target.
    var keys: String { isREST ? ", protocol: rest" : "" }
}
