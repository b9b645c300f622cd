package import Checkpoints

extension FileSystemCalls {
    /// The calls of this machine without the waiting, for tests of what is written rather than when.
    package static let unsynced = {
        var calls = live
        calls.sync = { (_) throws(SystemError) in }
        return calls
    }()
}
