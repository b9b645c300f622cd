/// What goes to the server and what has come from it, for one request.
struct Exchange {
    private let upload: [UInt8]
    private var sentCount = 0
    let responseLimit: Int
    private(set) var response: [UInt8] = []
    private(set) var isResponseTooLarge = false
    /// Whether the headers of the answer have come to their end. libcurl calls an answer complete that ends before.
    private(set) var isHeadComplete = false

    init(upload: [UInt8] = [], responseLimit: Int = 0) {
        self.upload = upload
        self.responseLimit = responseLimit
    }

    /// Writes the next bytes of the body to `room` and returns how many; none at its end.
    mutating func send(to room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, upload.count - sentCount)
        // Both are bounded by `count`, and a body and libcurl's buffer do not overlap.
        unsafe upload.withUnsafeBytes { bytes in
            unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[sentCount..<sentCount + count]))
        }
        sentCount += count
        return count
    }

    /// Sends the body again from a place on; false when there is no such place.
    mutating func rewind(to offset: Int) -> Bool {
        guard (0...upload.count).contains(offset) else { return false }
        sentCount = offset
        return true
    }

    /// Takes a line of the answer's head, with its end. An empty one ends it, but another follows a provisional one.
    mutating func receiveHead(_ line: UnsafeRawBufferPointer) {
        // libcurl's line lives for the call.
        isHeadComplete = unsafe line.allSatisfy { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    }

    /// Takes bytes of the answer; false when they are too many.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= responseLimit - response.count else {
            isResponseTooLarge = true
            return false
        }
        // libcurl's buffer lives for the call, and the bytes are copied.
        unsafe response.append(contentsOf: bytes)
        return true
    }
}
