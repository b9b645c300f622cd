import CCurl

/// The owner of a libcurl multi handle: it moves many requests at once and keeps their connections.
@safe
struct MultiHandle: ~Copyable {
    /// Connections that are kept between requests; by itself libcurl keeps four for each request under way, and so
    /// closes most of them at the end of a burst.
    private static let mostKeptConnections = 256
    /// Nothing needs it, as libcurl's own timers and `MultiWaker` end the wait.
    private static let longestWaitMilliseconds: Int32 = 60_000

    private let handle: UnsafeMutableRawPointer

    /// Nil when there is no memory.
    init?() {
        guard let handle = unsafe curl_multi_init() else { return nil }
        unsafe self.handle = handle
        // It takes any number; at worst libcurl's own stays.
        _ = unsafe curl_multi_setopt_long(handle, CURLMOPT_MAXCONNECTS, Self.mostKeptConnections)
    }

    deinit {
        // The loop has taken all easy handles away; what is left are kept connections, which it closes.
        _ = unsafe curl_multi_cleanup(handle)
    }

    var waker: MultiWaker { unsafe MultiWaker(handle) }

    /// - Throws: `HTTPError.failed`.
    func add(_ easy: EasyHandle) throws(HTTPError) {
        try unsafe Self.check(curl_multi_add_handle(handle, easy.handle))
    }

    /// Takes a request away, done or not. The connection of one that is not done is closed.
    func remove(_ easy: EasyHandle) {
        // It fails only for handles that are none.
        _ = unsafe curl_multi_remove_handle(handle, easy.handle)
    }

    /// Moves all requests as far as they go without waiting. libcurl calls back from here.
    ///
    /// - Throws: `HTTPError.failed`, when nothing can go on.
    func perform() throws(HTTPError) {
        var runningCount: Int32 = 0
        try unsafe Self.check(curl_multi_perform(handle, &runningCount))
    }

    /// Waits until a request can go on, or for `MultiWaker`.
    ///
    /// - Throws: `HTTPError.failed`, when nothing can go on.
    func wait() throws(HTTPError) {
        try unsafe Self.check(curl_multi_poll(handle, nil, 0, Self.longestWaitMilliseconds, nil))
    }

    /// A request that is done: the number given to `EasyHandle.prepare`, and how it ended.
    func nextDone() -> (id: UInt, code: CURLcode)? {
        var leftCount: Int32 = 0
        while let message = unsafe curl_multi_info_read(handle, &leftCount) {
            // The message lives until the next call to the handle, and has a result because it says so.
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            let code = unsafe message.pointee.data.result
            var id: UnsafeMutableRawPointer?
            // The number that was set, which is never followed as an address.
            guard unsafe curl_easy_getinfo_pointer(message.pointee.easy_handle, CURLINFO_PRIVATE, &id) == CURLE_OK
            else {
                continue
            }
            return (UInt(bitPattern: id), code)
        }
        return nil
    }

    private static func check(_ code: CURLMcode) throws(HTTPError) {
        guard code == CURLM_OK else { throw HTTPError(code) }
    }
}
