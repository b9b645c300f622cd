import Glibc

/// The number with which a system call failed.
public struct SystemError: Error, Sendable, Equatable {
    /// The value of `errno`.
    public let number: Int32

    public init(number: Int32) {
        self.number = number
    }

    package static let interrupted = SystemError(number: EINTR)
    package static let notFound = SystemError(number: ENOENT)
    package static let exists = SystemError(number: EEXIST)
    package static let invalid = SystemError(number: EINVAL)
    package static let inputOutput = SystemError(number: EIO)
    package static let wouldBlock = SystemError(number: EWOULDBLOCK)

    /// The error of the call that just failed on this thread.
    package static var current: SystemError { SystemError(number: errno) }

    /// What the person can do about it.
    var advice: String {
        switch number {
        case ENOSPC, EDQUOT: "free some space and run the same command again"
        case EACCES, EPERM, EROFS: "let this user write there, or choose another path"
        case ENOTDIR, EISDIR, ENAMETOOLONG, ELOOP: "correct the path"
        case ENOLCK, EOPNOTSUPP: "choose a path on a file system with locks"
        case EIO: "check the disk and run the same command again"
        default: "remove the cause and run the same command again"
        }
    }
}

extension SystemError: CustomStringConvertible {
    public var description: String {
        // glibc's strerror never returns NULL, and its text stays valid on this thread until the next call.
        let text = unsafe String(cString: strerror(number))
        return "\(text) (error \(number))"
    }
}

/// Repeats a call for as long as signals interrupt it.
func uninterrupted<Value>(_ call: () throws(SystemError) -> Value) throws(SystemError) -> Value {
    while true {
        do throws(SystemError) {
            return try call()
        } catch {
            guard error == .interrupted else { throw error }
        }
    }
}
