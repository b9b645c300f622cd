import Foundation
import Glibc
import Synchronization

/// A server at 127.0.0.1 whose behaviour, and misbehaviour, is a closure that is called for each connection.
///
/// A thread for each connection: its calls block.
final class TestServer: Sendable {
    private struct State {
        var connectionCount = 0
        var open: [Int32] = []
        var isStopped = false
    }

    let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())

    /// Connections taken so far.
    var connectionCount: Int { state.withLock(\.connectionCount) }
    /// Of these, the ones that are not closed yet.
    var openCount: Int { state.withLock(\.open.count) }
    var url: String { "http://127.0.0.1:\(port)" }

    /// - Parameter serve: The connection is closed when it returns.
    static func withServer<Value>(
        _ serve: @escaping @Sendable (ServedConnection) -> Void, _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        let server = try TestServer()
        Thread.detachNewThread { server.accept(serve) }
        defer { server.stop() }
        return try await body(server)
    }

    /// A port of 127.0.0.1 at which nobody listens.
    static func unusedPort() throws -> UInt16 {
        let server = try TestServer()
        close(server.listener)
        return server.port
    }

    private init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw TestServerError(action: "socket", code: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // `sockaddr_in` is what the calls expect of this family, behind the pointer to the general type.
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                unsafe bind(listener, general, size) == 0 && listen(listener, 128) == 0
                    && getsockname(listener, general, &size) == 0
            }
        }
        guard result else { throw TestServerError(action: "listen", code: errno) }
        self.listener = listener
        self.port = UInt16(bigEndian: address.sin_port)
    }

    private func accept(_ serve: @escaping @Sendable (ServedConnection) -> Void) {
        while true {
            let socket = Glibc.accept(listener, nil, nil)
            guard socket >= 0 else { break }
            let isStopped = state.withLock { state in
                state.connectionCount += 1
                state.open.append(socket)
                return state.isStopped
            }
            guard !isStopped else { break }
            Thread.detachNewThread { [self] in
                serve(ServedConnection(socket))
                state.withLock { state in
                    state.open.removeAll { $0 == socket }
                    close(socket)
                }
            }
        }
        close(listener)
    }

    /// Ends the threads, which wait in calls that fail from now on.
    private func stop() {
        state.withLock { state in
            state.isStopped = true
            for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) }
        }
        shutdown(listener, Int32(SHUT_RDWR))
    }
}
