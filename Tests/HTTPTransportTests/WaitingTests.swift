import HTTPTransport
import Testing

extension HTTPClientTests {
    @Suite("a request that waits")
    struct WaitingTests {
        @Test("for an answer times out, and others do not")
        func timeout() async throws {
            try await TestServer.withServer(Serving.silenceOnRequest) { server in
                try await withClient { client async throws in
                    let start = ContinuousClock.now
                    async let silent = failure { () throws(HTTPError) in
                        try await client.get("\(server.url)/silent", timeout: .milliseconds(300))
                    }
                    for _ in 0..<10 { #expect(try await client.get("\(server.url)/a").text == "/a") }
                    #expect(await silent?.isTimedOut == true)
                    #expect(start.duration(to: .now) >= .milliseconds(300))
                    #expect(try await client.get("\(server.url)/b").text == "/b")
                }
            }
        }

        @Test("no time at all times out")
        func noTime() async throws {
            try await TestServer.withServer(Serving.silence) { server in
                try await withClient { client async throws in
                    for timeout in [Duration.zero, .seconds(-1), .nanoseconds(1)] {
                        let error = await failure { () throws(HTTPError) in
                            try await client.get(server.url, timeout: timeout)
                        }
                        #expect(error?.isTimedOut == true)
                    }
                }
            }
        }

        @Test("longer than can be counted is allowed")
        func longTime() async throws {
            try await TestServer.withServer(Serving.echo) { server in
                try await withClient { client async throws in
                    #expect(try await client.get(server.url, timeout: .seconds(Int64.max)).status == 200)
                }
            }
        }

        @Test("ends at once when its task is cancelled, and the client serves others")
        func cancellation() async throws {
            try await TestServer.withServer(Serving.silenceOnRequest) { server in
                try await withClient { client async throws in
                    #expect(try await client.get("\(server.url)/a").text == "/a")
                    for _ in 0..<10 {
                        let task = Task {
                            await failure { () throws(HTTPError) in
                                try await client.get("\(server.url)/silent", timeout: .seconds(600))
                            }
                        }
                        try await Task.sleep(for: .milliseconds(20))
                        let start = ContinuousClock.now
                        task.cancel()
                        #expect(await task.value == .cancelled)
                        #expect(start.duration(to: .now) < .seconds(60))
                        #expect(try await client.get("\(server.url)/b").text == "/b")
                    }
                }
            }
        }

        @Test("is not sent by a task that was cancelled before")
        func cancelledBefore() async throws {
            try await TestServer.withServer(Serving.echo) { server in
                try await withClient { client async throws in
                    let task = Task {
                        // The task is that which runs this, and is not kept.
                        unsafe withUnsafeCurrentTask { task in unsafe task?.cancel() }
                        return await failure { () throws(HTTPError) in try await client.get(server.url) }
                    }
                    #expect(await task.value == .cancelled)
                }
                #expect(server.connectionCount == 0)
            }
        }

        @Test("is answered or cancelled, once, whenever the cancellation comes")
        func cancellationAtAnyTime() async throws {
            try await TestServer.withServer(Serving.echo) { server in
                try await withClient { client async throws in
                    for round in 0..<500 {
                        let task = Task { () -> Result<HTTPResponse, HTTPError> in
                            do throws(HTTPError) {
                                return .success(try await client.get("\(server.url)/\(round)"))
                            } catch {
                                return .failure(error)
                            }
                        }
                        if round % 2 == 0 { try await Task.sleep(for: .microseconds(round)) }
                        task.cancel()
                        switch await task.value {
                        case .success(let response): #expect(response.text == "/\(round)")
                        case .failure(let error): #expect(error == .cancelled)
                        }
                    }
                    #expect(try await client.get("\(server.url)/end").text == "/end")
                }
            }
        }
    }
}
