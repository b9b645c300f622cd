import CCurl

/// Ends the wait of a `MultiHandle` from another thread, now or the next time it waits.
///
/// `curl_multi_wakeup` is the one function that libcurl allows on any thread. `TransferInbox` sees to it that it is not
/// called once the handle is gone.
@safe
struct MultiWaker: @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer

    /// - Parameter handle: A multi handle.
    init(_ handle: UnsafeMutableRawPointer) {
        unsafe self.handle = handle
    }

    func wake() {
        // It fails only for what is no handle, or when the wait has been ended already.
        _ = unsafe curl_multi_wakeup(handle)
    }
}
