import CCurl

/// The owner of a libcurl easy handle, which serves one request after another.
///
/// Only the thread of its `TransferLoop` touches it. libcurl is given this object's address for its callbacks: it calls
/// them only while the handle moves a request, and for so long the loop holds this object.
@safe
final class EasyHandle {
    private static let userAgent = "milvus-backfill"
    private static let connectMilliseconds = 30_000

    let handle: UnsafeMutableRawPointer
    /// libcurl writes its words here, as long as the handle exists.
    private let errorText: UnsafeMutableBufferPointer<CChar>
    private var headers: HeaderList?
    var exchange = Exchange()

    /// - Throws: `HTTPError.failed`, `HTTPError.insecure`.
    init(_ security: HTTPSecurity?) throws(HTTPError) {
        guard let handle = unsafe curl_easy_init() else { throw .failed("libcurl makes no handle") }
        unsafe self.handle = handle
        unsafe self.errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0)
        try setFixedOptions()
        if let security { try set(security) }
    }

    deinit {
        // The handle goes first, which may write to the text until then.
        unsafe curl_easy_cleanup(handle)
        unsafe errorText.deallocate()
    }

    /// Makes ready for a request, whatever the one before it was.
    ///
    /// - Parameter id: Told by `MultiHandle.nextDone` when the request is done.
    /// - Throws: `HTTPError.failed`.
    func prepare(_ request: HTTPRequest, id: UInt, responseLimit: Int) throws(HTTPError) {
        unsafe errorText.update(repeating: 0)
        let headers = try HeaderList(request.headers)
        try unsafe check(curl_easy_setopt_list(handle, CURLOPT_HTTPHEADER, headers.first))
        // From here on libcurl reads the list, until `finish`.
        self.headers = consume headers
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_TIMEOUT_MS, Self.milliseconds(request.timeout))
        // No address: libcurl hands the number back as it is.
        try unsafe check(curl_easy_setopt_pointer(handle, CURLOPT_PRIVATE, UnsafeMutableRawPointer(bitPattern: id)))
        switch request.method {
        case .get:
            try set(CURLOPT_HTTPGET, 1)
            exchange = Exchange(responseLimit: responseLimit)
        case .post(let body):
            try set(CURLOPT_POST, 1)
            try unsafe check(curl_easy_setopt_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
            exchange = Exchange(upload: body, responseLimit: responseLimit)
        }
    }

    /// What came of the request. Nothing of it is kept.
    func finish(_ code: CURLcode) -> Result<HTTPResponse, HTTPError> {
        defer { clear() }
        if exchange.isResponseTooLarge { return .failure(.responseTooLarge(limit: exchange.responseLimit)) }
        guard code == CURLE_OK else { return .failure(HTTPError(code, words: words(for: code))) }
        guard exchange.isHeadComplete else { return .failure(.unreachable("the answer ends in its headers")) }
        var status = 0
        do throws(HTTPError) {
            try unsafe check(curl_easy_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &status))
        } catch {
            return .failure(error)
        }
        return .success(HTTPResponse(status: status, body: exchange.response))
    }

    /// Lets go of the request's body, headers and answer. No request may be under way.
    func clear() {
        // Resetting an option to nothing cannot fail, and libcurl must not keep the list that is freed.
        _ = unsafe curl_easy_setopt_list(handle, CURLOPT_HTTPHEADER, nil)
        headers = nil
        exchange = Exchange()
    }

    private func setFixedOptions() throws(HTTPError) {
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_USERAGENT, Self.userAgent)
        // Signals belong to the program, not to a library on one of its threads.
        try set(CURLOPT_NOSIGNAL, 1)
        // Without it, giving up a request waits for the system to look up its server's address, and so do all others.
        // With it the thread that looks it up is left to itself, and ends and frees what it has some seconds later.
        try set(CURLOPT_QUICK_EXIT, 1)
        try set(CURLOPT_TCP_NODELAY, 1)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, Self.connectMilliseconds)
        // libcurl's defaults, which nothing may change.
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try setCallbacks()
        // The text lives as long as the handle.
        try unsafe check(curl_easy_setopt_pointer(handle, CURLOPT_ERRORBUFFER, errorText.baseAddress))
    }

    private func set(_ security: HTTPSecurity) throws(HTTPError) {
        if let path = security.certificateAuthorities {
            try set(CURLOPT_CAINFO, path)
            // Else the system's authorities would be trusted beside the given ones.
            try unsafe check(curl_easy_setopt_string(handle, CURLOPT_CAPATH, nil))
        }
        guard let certificate = security.clientCertificate else { return }
        try set(CURLOPT_SSLCERT, certificate)
        try set(CURLOPT_SSLKEY, security.clientKey ?? certificate)
        // Else OpenSSL would ask at the terminal for the passphrase of a key that has one.
        try set(CURLOPT_KEYPASSWD, "")
    }

    private func set(_ option: CURLoption, _ value: Int) throws(HTTPError) {
        // Every option that is passed here takes a number.
        try unsafe check(curl_easy_setopt_long(handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(HTTPError) {
        // Every option that is passed here takes a text, which libcurl copies.
        try unsafe check(curl_easy_setopt_string(handle, option, value))
    }

    func check(_ code: CURLcode) throws(HTTPError) {
        guard code == CURLE_OK else { throw HTTPError(code, words: words(for: code)) }
    }

    private func words(for code: CURLcode) -> String {
        // libcurl terminates its words within the text, and has a constant text for each code.
        let words = unsafe errorText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        guard words.isEmpty else { return String(decoding: words, as: UTF8.self) }
        return unsafe curl_easy_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code.rawValue)"
    }

    /// At least one, since libcurl takes zero for no limit, and no more than libcurl takes.
    private static func milliseconds(_ duration: Duration) -> Int {
        Int(min(max(1, (duration / .milliseconds(1)).rounded(.up)), Double(Int32.max)))
    }
}
