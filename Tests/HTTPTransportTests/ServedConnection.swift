import Glibc

/// The server's side of a connection.
final class ServedConnection {
    private let socket: Int32
    private var received: [UInt8] = []

    init(_ socket: Int32) {
        self.socket = socket
    }

    /// Nil when the client has closed.
    func readRequest() -> ServedRequest? {
        var end = received.endOfHead
        while end == nil {
            guard receiveMore() else { return nil }
            end = received.endOfHead
        }
        guard let end else { return nil }
        let lines = String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n")
        received.removeFirst(end)
        let words = lines[0].split(separator: " ")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while received.count < length {
            guard receiveMore() else { return nil }
        }
        let body = Array(received.prefix(length))
        received.removeFirst(length)
        return ServedRequest(method: String(words[0]), path: String(words[1]), headers: headers, body: body)
    }

    /// Reads some bytes of what comes next, without understanding them; false at the end.
    @discardableResult
    func receiveMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        // `recv` writes no more than the buffer holds.
        let count = unsafe recv(socket, &buffer, buffer.count, 0)
        received += buffer.prefix(max(0, count))
        return count > 0
    }

    func answer(_ body: [UInt8] = [], status: String = "200 OK", headers: [String] = []) {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + headers
        send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            // The part lives for the call, which reads no more of it.
            let count = unsafe bytes[sent...].withUnsafeBytes { part in
                unsafe Glibc.send(socket, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Makes the end of the connection a reset.
    func resetAtEnd() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    }
}

extension [UInt8] {
    /// Behind the empty line that ends the head of a request.
    fileprivate var endOfHead: Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard count >= mark.count else { return nil }
        return (0...count - mark.count).first { Array(self[$0..<$0 + mark.count]) == mark }.map { $0 + mark.count }
    }
}
