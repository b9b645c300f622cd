import HTTPTransport
import Synchronization
import Testing

extension HTTPClientTests {
    @Suite("a request")
    struct ExchangeTests {
        @Test("is repeated on one connection")
        func keepAlive() async throws {
            try await TestServer.withServer(Serving.echo) { server in
                try await withClient { client async throws in
                    for number in 0..<20 {
                        #expect(try await client.get("\(server.url)/\(number)").text == "/\(number)")
                        #expect(try await client.post([1, 2, 3], to: server.url).body == [1, 2, 3])
                    }
                }
                #expect(server.connectionCount == 1)
            }
        }

        @Test("gets its own answer among fifty at once, whose connections are kept")
        func concurrent() async throws {
            try await TestServer.withServer(Serving.echo) { server in
                try await withClient { client async throws in
                    for round in 0..<4 {
                        try await withThrowingTaskGroup { group in
                            for number in 0..<50 {
                                group.addTask { () async throws in
                                    let body = Array("\(round) \(number)".utf8)
                                    #expect(try await client.post(body, to: server.url).body == body)
                                }
                            }
                            try await group.waitForAll()
                        }
                    }
                }
                #expect(server.connectionCount <= 50)
            }
        }

        @Test(
            "carries its body there and back, up to eight mebibytes",
            arguments: [0, 1, 1 << 16, (1 << 16) + 1, 8 << 20])
        func size(_ count: Int) async throws {
            let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 &>> 8) }
            try await TestServer.withServer { connection in
                while let request = connection.readRequest() { connection.answer(request.body) }
            } _: { server in
                try await withClient { client async throws in
                    for _ in 0..<2 { #expect(try await client.post(body, to: server.url).body == body) }
                }
            }
        }

        @Test("has the headers it was given and no others that change its meaning")
        func headers() async throws {
            let seen = Mutex<[ServedRequest]>([])
            try await TestServer.withServer { connection in
                while let request = connection.readRequest() {
                    seen.withLock { $0.append(request) }
                    connection.answer()
                }
            } _: { server in
                try await withClient { client async throws in
                    let headers = [
                        ("Authorization", "Bearer abc"), ("Content-Type", "application/json"), ("X-None", ""),
                    ]
                    _ = try await client.send(
                        HTTPRequest(
                            url: "\(server.url)/a?b=c", method: .post(body: [UInt8](repeating: 1, count: 2 << 20)),
                            headers: headers, timeout: .seconds(20)))
                    _ = try await client.get(server.url)
                }
            }
            let requests = seen.withLock { $0 }
            try #require(requests.count == 2)
            #expect(requests[0].method == "POST" && requests[0].path == "/a?b=c")
            #expect(requests[0].headers["authorization"] == "Bearer abc")
            #expect(requests[0].headers["content-type"] == "application/json")
            #expect(requests[0].headers["x-none"] == "")
            #expect(requests[1].method == "GET" && requests[1].path == "/")
            // A handle that is used again must forget.
            #expect(requests[1].headers["authorization"] == nil && requests[1].headers["content-length"] == nil)
            for request in requests {
                #expect(request.headers["accept-encoding"] == nil && request.headers["expect"] == nil)
                #expect(request.headers["transfer-encoding"] == nil && request.headers["upgrade"] == nil)
                #expect(request.headers["user-agent"] == "milvus-backfill")
            }
        }

        @Test("returns any status with its body, and a redirect as it is")
        func statuses() async throws {
            try await TestServer.withServer { connection in
                while let request = connection.readRequest() {
                    let status = String(request.path.dropFirst())
                    connection.answer(Array("why".utf8), status: "\(status) Some", headers: ["Location: /200"])
                }
            } _: { server in
                try await withClient { client async throws in
                    for status in [200, 301, 307, 401, 404, 429, 500, 503] {
                        let response = try await client.get("\(server.url)/\(status)")
                        #expect(response.status == status && response.text == "why")
                    }
                }
            }
        }

        @Test("takes an answer in chunks")
        func chunked() async throws {
            try await TestServer.withServer { connection in
                while connection.readRequest() != nil {
                    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
                    connection.send("2\r\nde\r\n0\r\n\r\n")
                }
            } _: { server in
                try await withClient { client async throws in
                    for _ in 0..<3 { #expect(try await client.get(server.url).text == "abcde") }
                }
                #expect(server.connectionCount == 1)
            }
        }

        @Test("shows no header, address or body in any text")
        func text() {
            let request = HTTPRequest(
                url: "http://u:secret@h", method: .post(body: Array("secret".utf8)),
                headers: [("Authorization", "secret")], timeout: .seconds(1))
            var dumped = ""
            dump(request, to: &dumped)
            for text in ["\(request)", String(reflecting: request), dumped] { #expect(!text.contains("secret")) }
        }

        @Test(
            "is refused when a header would break it apart",
            arguments: [("A", "secret\r\nB: c"), ("A", "secret\n"), ("A", "secret\0"), ("A: secret", "b"), ("", "b")])
        func badHeader(name: String, value: String) async throws {
            try await withClient { client async throws in
                let error = await failure { () throws(HTTPError) in
                    try await client.send(
                        HTTPRequest(url: "http://127.0.0.1:1", headers: [(name, value)], timeout: .seconds(1)))
                }
                #expect(error?.isFailed == true)
                #expect(error?.description.contains("secret") == false)
            }
        }

        @Test(
            "is refused when its URL is none, or of another kind",
            arguments: ["", "file:///etc/passwd", "ftp://h", "http://[", "http://a b"])
        func badURL(_ url: String) async throws {
            try await withClient { client async throws in
                let error = await failure { () throws(HTTPError) in try await client.get(url) }
                #expect(error?.isFailed == true)
            }
        }
    }
}
