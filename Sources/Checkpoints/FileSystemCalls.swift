package import Glibc

/// The system calls of this module, replaceable so that each of them can be made to fail.
///
/// Every call does what the one of its name does, once: repeating interrupted calls and short writes is left to
/// the callers.
package struct FileSystemCalls: Sendable {
    package var open: @Sendable (_ path: String, _ flags: Int32, _ mode: mode_t) throws(SystemError) -> Int32
    package var close: @Sendable (_ descriptor: Int32) throws(SystemError) -> Void
    /// At most `count` bytes from `offset` on; none at the end of the file.
    package var read: @Sendable (_ descriptor: Int32, _ offset: Int, _ count: Int) throws(SystemError) -> [UInt8]
    /// The number of bytes that were written at `offset`.
    package var write:
        @Sendable (_ descriptor: Int32, _ bytes: ArraySlice<UInt8>, _ offset: Int) throws(SystemError) -> Int
    package var size: @Sendable (_ descriptor: Int32) throws(SystemError) -> Int
    package var truncate: @Sendable (_ descriptor: Int32, _ length: Int) throws(SystemError) -> Void
    package var sync: @Sendable (_ descriptor: Int32) throws(SystemError) -> Void
    /// Takes the exclusive advisory lock or fails at once.
    package var lock: @Sendable (_ descriptor: Int32) throws(SystemError) -> Void
    package var rename: @Sendable (_ path: String, _ newPath: String) throws(SystemError) -> Void
    package var remove: @Sendable (_ path: String) throws(SystemError) -> Void
    package var makeFolder: @Sendable (_ path: String, _ mode: mode_t) throws(SystemError) -> Void
    /// The names in a folder.
    package var list: @Sendable (_ path: String) throws(SystemError) -> [String]

    package init(
        open: @escaping @Sendable (_ path: String, _ flags: Int32, _ mode: mode_t) throws(SystemError) -> Int32,
        close: @escaping @Sendable (_ descriptor: Int32) throws(SystemError) -> Void,
        read: @escaping @Sendable (_ descriptor: Int32, _ offset: Int, _ count: Int) throws(SystemError) -> [UInt8],
        write:
            @escaping @Sendable (_ descriptor: Int32, _ bytes: ArraySlice<UInt8>, _ offset: Int) throws(SystemError) ->
            Int,
        size: @escaping @Sendable (_ descriptor: Int32) throws(SystemError) -> Int,
        truncate: @escaping @Sendable (_ descriptor: Int32, _ length: Int) throws(SystemError) -> Void,
        sync: @escaping @Sendable (_ descriptor: Int32) throws(SystemError) -> Void,
        lock: @escaping @Sendable (_ descriptor: Int32) throws(SystemError) -> Void,
        rename: @escaping @Sendable (_ path: String, _ newPath: String) throws(SystemError) -> Void,
        remove: @escaping @Sendable (_ path: String) throws(SystemError) -> Void,
        makeFolder: @escaping @Sendable (_ path: String, _ mode: mode_t) throws(SystemError) -> Void,
        list: @escaping @Sendable (_ path: String) throws(SystemError) -> [String]
    ) {
        self.open = open
        self.close = close
        self.read = read
        self.write = write
        self.size = size
        self.truncate = truncate
        self.sync = sync
        self.lock = lock
        self.rename = rename
        self.remove = remove
        self.makeFolder = makeFolder
        self.list = list
    }
}
