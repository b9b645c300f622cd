import Dispatch
import HTTPTransport
import Synchronization
import Testing

extension HTTPClientTests {
    @Suite("when the connection fails")
    struct ConnectionFaultTests {
        @Test("a kept connection that the server has closed is replaced", arguments: [false, true])
        func closedBetween(isReset: Bool) async throws {
            let body = [UInt8](repeating: 7, count: 1 << 20)
            // A reset would throw away what has not arrived.
            let arrival = DispatchSemaphore(value: 0)
            try await TestServer.withServer { connection in
                if isReset { connection.resetAtEnd() }
                guard let request = connection.readRequest() else { return }
                connection.answer(request.body)
                arrival.wait()
            } _: { server in
                try await withClient { client async throws in
                    for _ in 0..<5 {
                        do {
                            defer { arrival.signal() }
                            #expect(try await client.post(body, to: server.url).body == body)
                        }
                        while server.openCount > 0 { try await Task.sleep(for: .milliseconds(10)) }
                    }
                }
                #expect(server.connectionCount == 5)
            }
        }

        @Test("a request on a kept connection is sent again, whole, when that closes before any answer")
        func closedUnderRequest() async throws {
            let body = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let bodies = Mutex<[[UInt8]]>([])
            try await TestServer.withServer { connection in
                if let request = connection.readRequest() { connection.answer(request.body) }
                if let request = connection.readRequest() { bodies.withLock { $0.append(request.body) } }
            } _: { server in
                try await withClient { client async throws in
                    for _ in 0..<4 { #expect(try await client.post(body, to: server.url).body == body) }
                }
                #expect(bodies.withLock { $0 } == [body, body, body])
                #expect(server.connectionCount == 4)
            }
        }

        @Test(
            "a connection that is cut in an answer is lost",
            arguments: [
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
                "HTTP/1.1 200 OK\r\nContent-Le", "",
            ], [false, true])
        func cut(answer: String, isReset: Bool) async throws {
            try await TestServer.withServer { connection in
                guard let request = connection.readRequest() else { return }
                guard request.path == "/cut" else { return connection.answer() }
                if isReset { connection.resetAtEnd() }
                connection.send(answer)
            } _: { server in
                try await withClient { client async throws in
                    let error = await failure { () throws(HTTPError) in try await client.get("\(server.url)/cut") }
                    #expect(error?.isUnreachable == true, "\(String(describing: error))")
                    #expect(try await client.get(server.url).status == 200)
                }
            }
        }

        @Test("nobody listens")
        func refused() async throws {
            let port = try TestServer.unusedPort()
            try await withClient { client async throws in
                let error = await failure { () throws(HTTPError) in try await client.get("http://127.0.0.1:\(port)") }
                #expect(error?.isUnreachable == true)
                #expect(error?.description.contains("127.0.0.1 port \(port)") == true)
            }
        }

        @Test("nobody has the name")
        func unknownName() async throws {
            try await withClient { client async throws in
                let error = await failure { () throws(HTTPError) in try await client.get("http://nobody.invalid") }
                #expect(error?.isUnreachable == true)
                #expect(error?.description.contains("nobody.invalid") == true)
            }
        }

        @Test("an answer is not HTTP")
        func noise() async throws {
            try await TestServer.withServer { connection in
                _ = connection.readRequest()
                connection.send("hello\r\n\r\n")
            } _: { server in
                try await withClient { client async throws in
                    let error = await failure { () throws(HTTPError) in try await client.get(server.url) }
                    #expect(error?.isFailed == true)
                }
            }
        }

        @Test("an answer larger than allowed is given up; one that just fits is taken")
        func tooLarge() async throws {
            try await TestServer.withServer { connection in
                while let request = connection.readRequest() {
                    let count = Int(request.path.dropFirst()) ?? 0
                    connection.answer([UInt8](repeating: 1, count: count))
                }
            } _: { server in
                try await withClient(maximumResponseBytes: 100_000) { client async throws in
                    #expect(try await client.get("\(server.url)/100000").body.count == 100_000)
                    for count in [100_001, 5_000_000] {
                        let error = await failure { () throws(HTTPError) in
                            try await client.get("\(server.url)/\(count)")
                        }
                        #expect(error == .responseTooLarge(limit: 100_000))
                    }
                    #expect(try await client.get("\(server.url)/0").body.isEmpty)
                }
            }
        }
    }
}
