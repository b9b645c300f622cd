import HTTPTransport

/// What a test has in most cases: a client that trusts the system and takes answers of up to 16 MiB.
func withClient<Value>(
    maximumResponseBytes: Int = 16 << 20, _ body: (HTTPClient) async throws -> Value
) async throws -> Value {
    try await HTTPClient.withClient(security: nil, maximumResponseBytes: maximumResponseBytes, body)
}

extension HTTPClient {
    func get(_ url: String, timeout: Duration = .seconds(20)) async throws(HTTPError) -> HTTPResponse {
        try await send(HTTPRequest(url: url, timeout: timeout))
    }

    func post(_ body: [UInt8], to url: String, timeout: Duration = .seconds(20)) async throws(HTTPError) -> HTTPResponse
    {
        try await send(HTTPRequest(url: url, method: .post(body: body), timeout: timeout))
    }
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// The error of a request that must not succeed.
func failure(of request: () async throws(HTTPError) -> HTTPResponse) async -> HTTPError? {
    do throws(HTTPError) {
        _ = try await request()
        return nil
    } catch {
        return error
    }
}
