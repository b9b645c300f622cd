import CCurl

extension EasyHandle {
    /// libcurl asks for the body and hands over the answer through C functions, which find the handle by its address.
    ///
    /// The body is read from its array at each call, into the buffer from which libcurl sends: that is the copy which
    /// libcurl makes of a body in memory too, and no pointer into the array outlives a call.
    func setCallbacks() throws(HTTPError) {
        // Not retained: the loop holds this object until libcurl has let go of the request.
        let address = unsafe Unmanaged.passUnretained(self).toOpaque()
        try unsafe check(curl_easy_setopt_pointer(handle, CURLOPT_READDATA, address))
        try unsafe check(curl_easy_setopt_pointer(handle, CURLOPT_SEEKDATA, address))
        try unsafe check(curl_easy_setopt_pointer(handle, CURLOPT_WRITEDATA, address))
        try unsafe check(curl_easy_setopt_pointer(handle, CURLOPT_HEADERDATA, address))
        try unsafe check(
            curl_easy_setopt_read_callback(handle) { buffer, size, count, address in
                guard let easy = unsafe EasyHandle.at(address) else { return Int(CURL_READFUNC_ABORT) }
                // libcurl gives room for so many bytes, for the time of the call.
                return unsafe easy.exchange.send(to: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
            })
        // A request is sent again when the connection that was kept for it turns out to be closed.
        try unsafe check(
            curl_easy_setopt_seek_callback(handle) { address, offset, origin in
                guard origin == SEEK_SET, let easy = unsafe EasyHandle.at(address) else { return CURL_SEEKFUNC_FAIL }
                return easy.exchange.rewind(to: offset) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
            })
        try unsafe check(
            curl_easy_setopt_write_callback(handle) { bytes, size, count, address in
                // Any other number than all makes libcurl give the request up.
                guard let easy = unsafe EasyHandle.at(address) else { return 0 }
                // libcurl's bytes live for the time of the call.
                let isTaken = unsafe easy.exchange.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
                return isTaken ? size * count : 0
            })
        try unsafe check(
            curl_easy_setopt_header_callback(handle) { line, size, count, address in
                guard let easy = unsafe EasyHandle.at(address) else { return 0 }
                // libcurl's line lives for the time of the call.
                unsafe easy.exchange.receiveHead(UnsafeRawBufferPointer(start: line, count: size * count))
                return size * count
            })
    }

    private static func at(_ address: UnsafeMutableRawPointer?) -> EasyHandle? {
        // It is the address that `setCallbacks` gave, of an object that the loop holds.
        unsafe address.map { unsafe Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }
}
