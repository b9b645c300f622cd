public import BackfillCore
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOCore
import NIOHTTP2
import SwiftProtobuf

/// A Milvus collection over gRPC.
public struct MilvusGRPCStore: CollectionStore {
    /// From the moment a call is made to its answer; a server that takes longer is asked again.
    private static let callTimeout = Duration.seconds(60)

    private let client: GRPCClient<HTTP2ClientTransport.Posix>
    let encoder: RequestEncoder
    private let metadata: Metadata
    public let limits: ServerLimits
    /// Milvus Lite merges a row's `$meta` with the stored one where the full server replaces it.
    private let mergesDynamicField: Bool
    let classifier: StatusClassifier

    /// Connects to a server for as long as `body` runs.
    ///
    /// - Parameter retry: repeats the first call while the server is not there yet.
    /// - Throws: `StoreError` when the server is not there or refuses the connection, and what `body` throws.
    public static func withConnection<Result: Sendable>(
        to target: MilvusTarget, host: String, port: Int, tls: TLSOptions?, retry: ServerRetry,
        _ body: @Sendable @escaping (MilvusGRPCStore) async throws -> Result
    ) async throws -> Result {
        let transport: HTTP2ClientTransport.Posix
        do {
            transport = try HTTP2ClientTransport.Posix(
                target: .dns(host: host, port: port), transportSecurity: tls.map(Self.security) ?? .plaintext,
                config: .defaults { $0.channelDebuggingCallbacks.onCreateTCPConnection = Self.answerPings })
        } catch {
            throw StoreError.fatal("the connection to \(host):\(port) cannot be set up: \(error)")
        }
        return try await withGRPCClient(transport: transport) { client in
            var metadata = Metadata()
            if let token = target.token {
                var text: [UInt8] = []
                Base64Text.append(token.reveal().utf8.span, to: &text)
                metadata.addString(String(decoding: text, as: UTF8.self), forKey: "authorization")
            }
            let version = try await retry { () async throws(StoreError) in
                try await Self.version(
                    of: client, metadata: metadata, address: "\(host):\(port)", isSecured: tls != nil)
            }
            let store = MilvusGRPCStore(
                client: client,
                encoder: RequestEncoder(
                    database: target.database ?? "", collection: target.collection, partition: target.partition ?? ""),
                metadata: metadata, limits: version.limits, mergesDynamicField: version.isLite,
                classifier: StatusClassifier(isLite: version.isLite))
            return try await body(store)
        }
    }

    public func describe() async throws(StoreError) -> CollectionSchema {
        try await describe(encoder.collection)
    }

    func description(
        of collection: String
    ) async throws(StoreError) -> Milvus_Proto_Milvus_DescribeCollectionResponse {
        var request = Milvus_Proto_Milvus_DescribeCollectionRequest()
        request.dbName = encoder.database
        request.collectionName = collection
        let response: Milvus_Proto_Milvus_DescribeCollectionResponse = try await call("DescribeCollection", request)
        if let error = classifier.error(response.status, call: "DescribeCollection") { throw error }
        return response
    }

    public func encode(_ batch: RowBatch) -> EncodedBatch {
        var requests: [EncodedBatch.Request] = []
        if !batch.upserts.isEmpty {
            let upsert = EncodedBatch.Request.upsert(encoder.upsert(batch.upserts, of: batch.chunks))
            requests.append(upsert)
            if mergesDynamicField, batch.chunks.first?.columns.last?.field.isDynamicColumn == true {
                // Nothing is deleted before the server has shown that it takes the rows that come in its place.
                requests.append(
                    .delete(encoder.delete(batch.upserts, of: batch.chunks) { $0.columns[$0.keyColumn] }))
                requests.append(upsert)
            }
        }
        if !batch.deletes.isEmpty {
            requests.append(.delete(encoder.delete(batch.deletes, of: batch.chunks, key: \.deletedKeys)))
        }
        return EncodedBatch(requests: requests, rows: batch.rowCount)
    }

    public func write(_ batch: EncodedBatch) async throws(StoreError) {
        for request in batch.requests {
            let (method, bytes) =
                switch request {
                case .upsert(let bytes): ("Upsert", bytes)
                case .delete(let bytes): ("Delete", bytes)
                }
            let result: Milvus_Proto_Milvus_MutationResult = try await Self.call(
                method, bytes, EncodedMessageSerializer(), client, metadata)
            if let error = classifier.error(result.status, call: method) { throw error }
        }
    }

    func check(_ method: String, _ request: some SwiftProtobuf.Message) async throws(StoreError) {
        let status: Milvus_Proto_Common_Status = try await call(method, request)
        switch classifier.error(status, call: method) {
        case nil: return
        // No rows were sent: the request itself is refused.
        case .refusedRows(let text): throw .fatal(text)
        case .some(let error): throw error
        }
    }

    func call<Response: SwiftProtobuf.Message>(
        _ method: String, _ request: some SwiftProtobuf.Message
    ) async throws(StoreError) -> Response {
        try await Self.call(method, request, ProtobufSerializer(), client, metadata)
    }

    private static func call<Request: Sendable, Response: SwiftProtobuf.Message>(
        _ method: String,
        _ request: Request,
        _ serializer: some MessageSerializer<Request>,
        _ client: GRPCClient<HTTP2ClientTransport.Posix>,
        _ metadata: Metadata
    ) async throws(StoreError) -> Response {
        var options = CallOptions.defaults
        options.timeout = callTimeout
        options.maxResponseMessageBytes = 64 << 20
        do {
            return try await client.unary(
                request: ClientRequest(message: request, metadata: metadata),
                descriptor: MethodDescriptor(
                    fullyQualifiedService: "milvus.proto.milvus.MilvusService", method: method),
                serializer: serializer,
                deserializer: ProtobufDeserializer<Response>(),
                options: options
            ) { try $0.message }
        } catch let error as RPCError {
            // The transport has several errors for a call that was cancelled, by what it was doing then.
            throw Task.isCancelled ? .cancelled : StatusClassifier.error(error, call: method)
        } catch is CancellationError {
            throw Task.isCancelled ? .cancelled : .transient("\(method): the call was given up on the way")
        } catch {
            throw .fatal("\(method): \(error)")
        }
    }

    private static func version(
        of client: GRPCClient<HTTP2ClientTransport.Posix>, metadata: Metadata, address: String, isSecured: Bool
    ) async throws(StoreError) -> ServerVersion {
        do throws(StoreError) {
            let response: Milvus_Proto_Milvus_GetVersionResponse = try await call(
                "GetVersion", Milvus_Proto_Milvus_GetVersionRequest(), ProtobufSerializer(), client, metadata)
            return ServerVersion(response.version)
        } catch .transient(let text) {
            let advice =
                isSecured
                ? "that its certificate is of a trusted authority (target.milvus.tls.ca), and that it gets the client "
                    + "certificate it asks for (target.milvus.tls.certificate)"
                : "and that it does not ask for https"
            let sentence =
                "no Milvus answers at \(address): check target.milvus.uri, that the server runs, \(advice) (\(text))"
            // Certificates do not change while one waits. The transport has no other sign of them.
            throw isSecured && text.lowercased().contains("certificate")
                ? .fatal(sentence) : .transient(sentence)
        }
    }

    /// Puts a `PingResponder` before a new connection's HTTP/2 handler.
    @Sendable
    private static func answerPings(on channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(
                PingResponder(), position: .before(try pipeline.handler(type: NIOHTTP2Handler.self)))
        }
    }

    private static func security(_ options: TLSOptions) -> HTTP2ClientTransport.Posix.TransportSecurity {
        .tls { tls in
            if let path = options.certificateAuthorities {
                tls.trustRoots = .certificates([.file(path: path, format: .pem)])
            }
            if let certificate = options.clientCertificate, let key = options.clientKey {
                tls.certificateChain = [.file(path: certificate, format: .pem)]
                tls.privateKey = .file(path: key, format: .pem)
            }
        }
    }
}
