import HTTPTransport
import TestSupport
import Testing

extension HTTPClientTests {
    @Suite("a secure connection")
    struct SecurityTests {
        private func get(_ url: String, _ security: HTTPSecurity?) async throws -> Result<HTTPResponse, HTTPError> {
            try await HTTPClient.withClient(security: security, maximumResponseBytes: 1 << 20) { client async throws in
                do throws(HTTPError) {
                    return .success(try await client.get(url))
                } catch {
                    return .failure(error)
                }
            }
        }

        private func error(_ url: String, _ security: HTTPSecurity?) async throws -> HTTPError? {
            switch try await get(url, security) {
            case .success: nil
            case .failure(let error): error
            }
        }

        @Test("is made to a server whose authority is trusted, and to no other")
        func authority() async throws {
            try await withTemporaryFolder { folder in
                let files = try Certificates(in: folder)
                try await SecureServer.withServer(files) { url in
                    let trusting = HTTPSecurity(certificateAuthorities: files.authority)
                    #expect(try await get(url, trusting).get().status == 200)
                    let byName = url.replacing("127.0.0.1", with: "localhost")
                    for (url, security) in [
                        (url, nil), (url, HTTPSecurity(certificateAuthorities: files.otherAuthority)),
                        (byName, trusting), (url, HTTPSecurity(certificateAuthorities: folder + "/none.pem")),
                    ] {
                        let error = try await error(url, security)
                        #expect(error?.isInsecure == true, "\(String(describing: error))")
                    }
                }
            }
        }

        @Test("is made by a client that proves itself, where the server asks for it")
        func clientCertificate() async throws {
            try await withTemporaryFolder { folder in
                let files = try Certificates(in: folder)
                try await SecureServer.withServer(files, asksForCertificate: true) { url in
                    var security = HTTPSecurity(certificateAuthorities: files.authority)
                    let unproven = try await error(url, security)
                    #expect(unproven?.isInsecure == true, "\(String(describing: unproven))")
                    security.clientCertificate = files.client
                    for key in [nil, files.lockedKey, files.serverKey, folder + "/none.key"] {
                        security.clientKey = key
                        let error = try await error(url, security)
                        #expect(error?.isInsecure == true, "\(String(describing: error))")
                    }
                    security.clientKey = files.clientKey
                    #expect(try await get(url, security).get().status == 200)
                }
            }
        }

        @Test("is not made to a server that speaks no TLS")
        func plainServer() async throws {
            try await TestServer.withServer { connection in
                connection.receiveMore()
                connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            } _: { server in
                let error = try await error("https://127.0.0.1:\(server.port)", nil)
                #expect(error?.isInsecure == true, "\(String(describing: error))")
            }
        }

        @Test("that is cut off while it is made is lost", arguments: [false, true])
        func cutOff(isReset: Bool) async throws {
            try await TestServer.withServer { connection in
                if isReset { connection.resetAtEnd() }
                connection.receiveMore()
            } _: { server in
                let error = try await error("https://127.0.0.1:\(server.port)", nil)
                #expect(error?.isUnreachable == true, "\(String(describing: error))")
            }
        }
    }
}
