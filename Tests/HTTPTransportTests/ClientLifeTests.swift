import Foundation
import HTTPTransport
import Testing

extension HTTPClientTests {
    @Suite("a client")
    struct ClientLifeTests {
        private struct Nothing: Error {}

        /// Other suites may open and close a few meanwhile.
        private static let tolerance = 50

        private func entryCount(_ folder: String) throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: folder).count
        }

        @Test("leaves neither threads nor descriptors behind")
        func leaks() async throws {
            try await TestServer.withServer(Serving.echo) { server in
                let threads = try entryCount("/proc/self/task")
                let descriptors = try entryCount("/proc/self/fd")
                for round in 0..<100 {
                    try await withClient { client async throws in
                        for _ in 0..<2 where round % 3 != 0 { #expect(try await client.get(server.url).status == 200) }
                    }
                }
                // The server's threads end when they find their connection closed.
                try await Task.sleep(for: .milliseconds(200))
                #expect(try entryCount("/proc/self/task") < threads + Self.tolerance)
                #expect(try entryCount("/proc/self/fd") < descriptors + Self.tolerance)
            }
        }

        @Test("throws what its body throws, and ends")
        func bodyThrows() async throws {
            await #expect(throws: Nothing.self) { try await withClient { _ in throw Nothing() } }
        }

        @Test("ends with requests under way, which are cancelled")
        func endsEarly() async throws {
            try await TestServer.withServer(Serving.silence) { server in
                let tasks = try await withClient { client async throws in
                    let tasks = (0..<10).map { _ in
                        Task { await failure { () throws(HTTPError) in try await client.get(server.url) } }
                    }
                    try await Task.sleep(for: .milliseconds(100))
                    return tasks
                }
                for task in tasks { #expect(await task.value == .cancelled) }
            }
        }

        @Test("refuses requests after its end")
        func afterEnd() async throws {
            let client = try await withClient { $0 }
            let error = await failure { () throws(HTTPError) in try await client.get("http://127.0.0.1:1") }
            #expect(error == .cancelled)
        }
    }
}
