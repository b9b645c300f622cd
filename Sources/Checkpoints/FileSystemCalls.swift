import Glibc

/// The system calls of this module, replaceable so that each of them can be made to fail.
///
/// Every call does what the one of its name does, once: repeating interrupted calls and short writes is left to
/// the callers.
struct FileSystemCalls: Sendable {
    var open: @Sendable (_ path: String, _ flags: Int32, _ mode: mode_t) throws(SystemError) -> Int32
    var close: @Sendable (_ descriptor: Int32) throws(SystemError) -> Void
    /// At most `count` bytes from `offset` on; none at the end of the file.
    var read: @Sendable (_ descriptor: Int32, _ offset: Int, _ count: Int) throws(SystemError) -> [UInt8]
    /// The number of bytes that were written at `offset`.
    var write: @Sendable (_ descriptor: Int32, _ bytes: ArraySlice<UInt8>, _ offset: Int) throws(SystemError) -> Int
    var size: @Sendable (_ descriptor: Int32) throws(SystemError) -> Int
    var truncate: @Sendable (_ descriptor: Int32, _ length: Int) throws(SystemError) -> Void
    var sync: @Sendable (_ descriptor: Int32) throws(SystemError) -> Void
    /// Takes the exclusive advisory lock or fails at once.
    var lock: @Sendable (_ descriptor: Int32) throws(SystemError) -> Void
    var rename: @Sendable (_ path: String, _ newPath: String) throws(SystemError) -> Void
    var remove: @Sendable (_ path: String) throws(SystemError) -> Void
    var makeFolder: @Sendable (_ path: String, _ mode: mode_t) throws(SystemError) -> Void
}
