import Synchronization

/// Knows which descriptor was opened for a path.
final class DescriptorOfPath: Sendable {
    private let path: String
    private let descriptor = Mutex<Int32?>(nil)

    init(_ path: String) {
        self.path = path
    }

    func note(_ descriptor: Int32, of path: String) {
        if path == self.path { self.descriptor.withLock { $0 = descriptor } }
    }

    func matches(_ descriptor: Int32) -> Bool {
        self.descriptor.withLock { $0 == descriptor }
    }
}
