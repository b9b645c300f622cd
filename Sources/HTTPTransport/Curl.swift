import CCurl

/// libcurl as a whole.
enum Curl {
    /// Whether it may be used; the first use sets it up, once for the process. It is never torn down, since others in
    /// the process may use it too.
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
