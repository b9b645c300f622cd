public import BackfillCore
import Foundation
import HTTPTransport

/// A Milvus collection over Milvus' RESTful API v2.
public struct MilvusRESTStore: CollectionStore {
    /// From the moment a call is made to its answer; a server that takes longer is asked again.
    private static let callTimeout = Duration.seconds(60)
    private static let largestAnswer = 64 << 20

    private let client: HTTPClient
    /// Scheme, host and port.
    private let address: String
    private let headers: [(name: String, value: String)]
    private let encoder: RowTextEncoder
    let database: String?
    let collection: String
    let partition: String?

    /// Servers differ in what they make of a JSON field whose value is a string: some take its text for the JSON. Those
    /// before 2.5 fill in no defaults. Which server it is, and so whether it tells null vectors from zeros, is not known.
    public let limits = ServerLimits(
        name: "Milvus' RESTful API", missing: [.jsonScalars, .absentValues, .exactDynamicNumbers, .nullVectorsReadBack])

    /// Talks to a server for as long as `body` runs.
    ///
    /// - Parameter retry: repeats the first call while the server is not there yet.
    /// - Throws: `StoreError` when the server is not there, refuses the token, or does not speak this API, and what `body`
    ///   throws.
    public static func withConnection<Result: Sendable>(
        to target: MilvusTarget, host: String, port: Int, tls: TLSOptions?, retry: ServerRetry,
        _ body: @Sendable @escaping (MilvusRESTStore) async throws -> Result
    ) async throws -> Result {
        let security = tls.map {
            HTTPSecurity(
                certificateAuthorities: $0.certificateAuthorities, clientCertificate: $0.clientCertificate,
                clientKey: $0.clientKey)
        }
        do {
            return try await HTTPClient.withClient(security: security, maximumResponseBytes: largestAnswer) { client in
                let store = MilvusRESTStore(client, target, host: host, port: port, isSecured: tls != nil)
                try await retry { () async throws(StoreError) in try await store.requireAPI() }
                return try await body(store)
            }
        } catch let error as HTTPError {
            throw StoreError.fatal("the connection to \(host):\(port) cannot be set up: \(error)")
        }
    }

    private init(_ client: HTTPClient, _ target: MilvusTarget, host: String, port: Int, isSecured: Bool) {
        self.client = client
        // An IPv6 address needs its brackets in a URL.
        address = "\(isSecured ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        var headers = [(name: "Content-Type", value: "application/json"), (name: "Accept", value: "application/json")]
        if let token = target.token { headers.append((name: "Authorization", value: "Bearer \(token.reveal())")) }
        self.headers = headers
        database = target.database
        collection = target.collection
        partition = target.partition
        encoder = RowTextEncoder(
            database: target.database ?? "", collection: target.collection, partition: target.partition ?? "")
    }

    // MARK: Rows

    public func describe() async throws(StoreError) -> CollectionSchema {
        try await describe(collection)
    }

    public func encode(_ batch: RowBatch) -> EncodedBatch {
        var requests: [EncodedBatch.Request] = []
        if !batch.upserts.isEmpty { requests.append(.upsert(encoder.upsert(batch.upserts, of: batch.chunks))) }
        if !batch.deletes.isEmpty {
            requests.append(.delete(encoder.delete(batch.deletes, of: batch.chunks, key: \.deletedKeys)))
        }
        return EncodedBatch(requests: requests, rows: batch.rowCount)
    }

    public func write(_ batch: EncodedBatch) async throws(StoreError) {
        for request in batch.requests {
            switch request {
            case .upsert(let body): _ = try await post("entities/upsert", body, Acknowledgement.self)
            case .delete(let body): _ = try await post("entities/delete", body, Acknowledgement.self)
            }
        }
    }

    // MARK: Calls

    /// Calls an operation.
    ///
    /// - Returns: the answer's `data`.
    func call(_ path: String, _ members: [String: JSONValue]) async throws(StoreError) -> JSONValue? {
        try await call(path, members, JSONValue.self)
    }

    /// Calls an operation.
    ///
    /// - Parameter fields: what `RESTRows` are read by.
    /// - Returns: the answer's `data`.
    func call<Content: Decodable>(
        _ path: String, _ members: [String: JSONValue], _ content: Content.Type, fields: [FieldSchema] = []
    ) async throws(StoreError) -> Content? {
        var members = members
        if let database { members["dbName"] = .text(database) }
        do throws(StoreError) {
            return try await post(
                path, Array(JSONMembers.text(of: .object(members)).utf8), content, fields: fields)
        } catch .refusedRows(let text) {
            // No rows were sent: the request itself is refused.
            throw .fatal(text)
        }
    }

    private func post<Content: Decodable>(
        _ path: String, _ body: [UInt8], _: Content.Type, fields: [FieldSchema] = []
    ) async throws(StoreError) -> Content? {
        let response = try await send(.post(body: body), "/v2/vectordb/\(path)")
        let decoder = JSONDecoder()
        if let key = RESTRows.fields { decoder.userInfo[key] = fields }
        let answer = try? decoder.decode(Answer<Content>.self, from: Data(response.body))
        let text = "\(path): \(answer?.message.map(Self.cut) ?? Self.excerpt(response.body)) "
        switch (response.status, answer) {
        case (200..<300, let answer?):
            guard !answer.isSuccess else { return answer.data }
            throw StatusClassifier.error(code: answer.code, text + "(code \(answer.code))")
        case (200..<300, nil) where response.body.first == UInt8(ascii: "{"):
            // It may hold rows, which stand in no message.
            throw .fatal("\(path): the answer has another form than Milvus documents")
        case (401, _), (403, _):
            throw .fatal("\(text)(HTTP status \(response.status)): check target.milvus.token")
        case (413, _): throw .tooLarge("\(text)(HTTP status 413)")
        case (408, _), (429, _), (500..<600, _): throw .transient("\(text)(HTTP status \(response.status))")
        default: throw .fatal("\(text)(HTTP status \(response.status))")
        }
    }

    private func send(
        _ method: HTTPMethod, _ path: String
    ) async throws(StoreError) -> HTTPResponse {
        do throws(HTTPError) {
            return try await client.send(
                HTTPRequest(url: address + path, method: method, headers: headers, timeout: Self.callTimeout))
        } catch {
            switch error {
            case .unreachable(let text), .timedOut(let text): throw .transient("\(path): \(text)")
            case .insecure(let text):
                throw .fatal("\(address): \(text): check target.milvus.uri and target.milvus.tls")
            case .responseTooLarge, .failed: throw .fatal("\(path): \(error)")
            case .cancelled: throw .cancelled
            }
        }
    }

    private struct Answer<Content: Decodable>: Decodable {
        var code: Int32
        var message: String?
        var data: Content?

        /// Milvus 2.4 began with 200 for success, as the API's version 1 has it; 200 is also the code of a missing
        /// partition, which comes with words.
        var isSuccess: Bool { code == 0 || (code == 200 && data != nil && (message ?? "").isEmpty) }
    }

    /// What comes with a write, the keys of its rows, is passed over.
    private struct Acknowledgement: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    /// A server may repeat the value that it does not take, however large.
    private static func cut(_ message: String) -> String {
        message.utf8.count > 2000 ? String(message.prefix(1000)) + "…" : message
    }

    /// What stands in an answer that is none of Milvus'.
    private static func excerpt(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(200), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).first.map { "`\($0)`" } ?? "an empty answer"
    }

    // MARK: The API itself

    /// Makes sure that the server is there and speaks this API.
    private func requireAPI() async throws(StoreError) {
        let response: HTTPResponse
        do throws(StoreError) {
            let body = JSONMembers.text(of: .object(["collectionName": .text(collection)]))
            response = try await send(.post(body: Array(body.utf8)), "/v2/vectordb/collections/has")
        } catch .transient(let text) {
            throw .transient(
                "no Milvus answers at \(address): check target.milvus.uri and that the server runs (\(text))")
        }
        guard response.status == 404 else { return }
        // Version 1 answers a request without a token in its own words, too.
        let older = try await send(.get, "/v1/vector/collections")
        let isOlder = (try? JSONDecoder().decode(Answer<JSONValue>.self, from: Data(older.body))) != nil
        throw .fatal(
            isOlder
                ? "the Milvus at \(address) speaks version 1 of the RESTful API only, as those before 2.4 do: set "
                    + "target.milvus.protocol to `grpc`"
                : "nothing at \(address) speaks Milvus' RESTful API v2: check target.milvus.uri, or set "
                    + "target.milvus.protocol to `grpc`")
    }
}
