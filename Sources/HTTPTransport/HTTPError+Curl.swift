import CCurl

extension HTTPError {
    /// What libcurl says, for reasons of its own or of OpenSSL, when a connection ends in the handshake.
    private static let wordsOfCutHandshakes = [" SSL_connect: ", "unexpected eof", "Recv failure", "Send failure"]

    /// - Parameter words: What libcurl says of this very failure.
    init(_ code: CURLcode, words: String) {
        switch code {
        case CURLE_OPERATION_TIMEDOUT:
            self = .timedOut(words)
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_GOT_NOTHING,
            CURLE_PARTIAL_FILE:
            self = .unreachable(words)
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR:
            // With TLS 1.3 a server refuses the client's certificate by an alert after the handshake.
            self = words.contains("SSL") && words.contains(" alert ") ? .insecure(words) : .unreachable(words)
        case CURLE_SSL_CONNECT_ERROR:
            // libcurl has one code for a handshake that fails and for one that is cut off, as by a server that stops.
            let isCutOff = Self.wordsOfCutHandshakes.contains { words.contains($0) }
            self = isCutOff ? .unreachable(words) : .insecure(words)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
            self = .insecure(words)
        default:
            self = .failed(words)
        }
    }

    init(_ code: CURLMcode) {
        // libcurl returns a constant, terminated text for every code.
        self = .failed(unsafe curl_multi_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code.rawValue)")
    }
}
