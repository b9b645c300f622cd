package import Checkpoints
import Synchronization

/// Counts system calls and makes one of them fail before it has any effect.
package final class FaultyCalls: Sendable {
    package enum Fault: Sendable {
        case never
        /// The call with this number fails, the ones after it work.
        case error(SystemError, atCall: Int)
        /// Nothing has an effect from this call on, as in a process that is dead.
        case crash(atCall: Int)
    }

    private let state: Mutex<(fault: Fault, log: [String])>

    package init(_ fault: Fault = .never) {
        self.state = Mutex((fault, []))
    }

    /// The names of the calls so far.
    package var names: [String] { state.withLock { $0.log } }

    /// Counts anew, with another fault.
    package func restart(_ fault: Fault) {
        state.withLock { $0 = (fault, []) }
    }

    private func step(_ name: String) throws(SystemError) {
        let (fault, index) = state.withLock { state in
            state.log.append(name)
            return (state.fault, state.log.count - 1)
        }
        switch fault {
        case .error(let error, let call) where call == index: throw error
        case .crash(let call) where call <= index: throw SystemError(number: 9999)
        case .never, .error, .crash: return
        }
    }

    package func calls(over base: FileSystemCalls) -> FileSystemCalls {
        FileSystemCalls(
            open: { (path, flags, mode) throws(SystemError) in
                try self.step("open")
                return try base.open(path, flags, mode)
            },
            close: { (descriptor) throws(SystemError) in
                // The real descriptor goes back in any case, as it does when a process dies.
                try base.close(descriptor)
                try self.step("close")
            },
            read: { (descriptor, offset, count) throws(SystemError) in
                try self.step("read")
                return try base.read(descriptor, offset, count)
            },
            write: { (descriptor, bytes, offset) throws(SystemError) in
                try self.step("write")
                return try base.write(descriptor, bytes, offset)
            },
            size: { (descriptor) throws(SystemError) in
                try self.step("size")
                return try base.size(descriptor)
            },
            truncate: { (descriptor, length) throws(SystemError) in
                try self.step("truncate")
                try base.truncate(descriptor, length)
            },
            sync: { (descriptor) throws(SystemError) in
                try self.step("sync")
                try base.sync(descriptor)
            },
            lock: { (descriptor) throws(SystemError) in
                try self.step("lock")
                try base.lock(descriptor)
            },
            rename: { (path, newPath) throws(SystemError) in
                try self.step("rename")
                try base.rename(path, newPath)
            },
            remove: { (path) throws(SystemError) in
                try self.step("remove")
                try base.remove(path)
            },
            makeFolder: { (path, mode) throws(SystemError) in
                try self.step("makeFolder")
                try base.makeFolder(path, mode)
            },
            list: { (path) throws(SystemError) in
                try self.step("list")
                return try base.list(path)
            })
    }
}
