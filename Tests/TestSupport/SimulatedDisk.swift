package import Checkpoints
import Glibc
import Synchronization

/// A file system whose power can fail: what was not synced may be there, be missing or be there in part.
package final class SimulatedDisk: Sendable {
    private struct File {
        var cached: [UInt8] = []
        var stored: [UInt8] = []
    }

    private enum NameChange {
        case add(String, file: Int)
        case rename(String, to: String, file: Int)
        case remove(String)
        case addFolder(String)
    }

    private enum Open {
        case file(Int)
        case folder(String)
    }

    private struct State {
        var files: [File] = []
        var names: [String: Int] = [:]
        var folders: Set<String> = ["/"]
        var storedNames: [String: Int] = [:]
        var storedFolders: Set<String> = ["/"]
        var changes: [NameChange] = []
        var open: [Int32: Open] = [:]
        var nextDescriptor: Int32 = 3
    }

    private let state: Mutex<State>

    package init() {
        self.state = Mutex(State())
    }

    private init(_ state: sending State) {
        self.state = Mutex(state)
    }

    /// Every disk that a power failure at this moment can leave behind.
    package func afterPowerFailure() -> [SimulatedDisk] {
        let now = state.withLock { $0 }
        var outcomes: [SimulatedDisk] = []
        for subset in 0..<(1 << now.changes.count) {
            for content in 0..<4 {
                var after = State()
                after.files = now.files.map { file in
                    let survivor = Self.survivor(of: file, content)
                    return File(cached: survivor, stored: survivor)
                }
                after.names = now.storedNames
                after.folders = now.storedFolders
                for (index, change) in now.changes.enumerated() where subset & (1 << index) != 0 {
                    Self.apply(change, names: &after.names, folders: &after.folders)
                }
                // A name without its folder cannot be reached.
                after.names = after.names.filter { after.folders.contains(Self.folder(of: $0.key)) }
                after.storedNames = after.names
                after.storedFolders = after.folders
                outcomes.append(SimulatedDisk(after))
            }
        }
        return outcomes
    }

    private static func survivor(of file: File, _ variant: Int) -> [UInt8] {
        if file.cached == file.stored { return file.stored }
        switch variant {
        case 0: return file.stored
        case 1: return file.cached
        case 2: return Array(file.cached.prefix(file.stored.count + (file.cached.count - file.stored.count) / 2))
        default: return file.stored + [UInt8](repeating: 0, count: max(0, file.cached.count - file.stored.count))
        }
    }

    private static func apply(_ change: NameChange, names: inout [String: Int], folders: inout Set<String>) {
        switch change {
        case .add(let path, let file): names[path] = file
        case .rename(let path, let newPath, let file):
            names[path] = nil
            names[newPath] = file
        case .remove(let path): names[path] = nil
        case .addFolder(let path): folders.insert(path)
        }
    }

    private static func folder(of path: String) -> String {
        Folder(of: path, calls: .live).path
    }

    private func change<Value>(
        _ body: (inout State) -> Result<Value, SystemError>
    ) throws(SystemError) -> Value where Value: Sendable {
        try state.withLock { state in body(&state) }.get()
    }

    private func changeFile<Value>(
        _ descriptor: Int32,
        _ body: (inout File) -> Value
    ) throws(SystemError) -> Value where Value: Sendable {
        try change { state in
            guard case .file(let file) = state.open[descriptor] else { return .failure(SystemError(number: EBADF)) }
            return .success(body(&state.files[file]))
        }
    }

    package var calls: FileSystemCalls {
        FileSystemCalls(
            open: { (path, flags, _) throws(SystemError) in
                try self.change { state in
                    let descriptor = state.nextDescriptor
                    if flags & O_DIRECTORY != 0 {
                        guard state.folders.contains(path) else { return .failure(.notFound) }
                        state.open[descriptor] = .folder(path)
                    } else if let file = state.names[path] {
                        if flags & O_EXCL != 0 { return .failure(.exists) }
                        state.open[descriptor] = .file(file)
                    } else {
                        guard flags & O_CREAT != 0, state.folders.contains(Self.folder(of: path)) else {
                            return .failure(.notFound)
                        }
                        state.files.append(File())
                        state.names[path] = state.files.count - 1
                        state.changes.append(.add(path, file: state.files.count - 1))
                        state.open[descriptor] = .file(state.files.count - 1)
                    }
                    state.nextDescriptor += 1
                    return .success(descriptor)
                }
            },
            close: { (descriptor) throws(SystemError) in
                try self.change { state in
                    state.open[descriptor] = nil
                    return .success(())
                }
            },
            read: { (descriptor, offset, count) throws(SystemError) in
                try self.changeFile(descriptor) { Array($0.cached.dropFirst(offset).prefix(count)) }
            },
            write: { (descriptor, bytes, offset) throws(SystemError) in
                try self.changeFile(descriptor) { file in
                    // Short, so that a crash can come between two parts.
                    let part = bytes.prefix(max(1, bytes.count / 2))
                    file.cached = Array(file.cached.prefix(offset)) + part + file.cached.dropFirst(offset + part.count)
                    return part.count
                }
            },
            size: { (descriptor) throws(SystemError) in try self.changeFile(descriptor) { $0.cached.count } },
            truncate: { (descriptor, length) throws(SystemError) in
                try self.changeFile(descriptor) { $0.cached.removeLast($0.cached.count - length) }
            },
            sync: { (descriptor) throws(SystemError) in
                try self.change { state in
                    switch state.open[descriptor] {
                    case .file(let file):
                        state.files[file].stored = state.files[file].cached
                    case .folder(let folder):
                        for change in state.changes where Self.isChange(change, in: folder) {
                            Self.apply(change, names: &state.storedNames, folders: &state.storedFolders)
                        }
                        state.changes.removeAll { Self.isChange($0, in: folder) }
                    case nil:
                        return .failure(SystemError(number: EBADF))
                    }
                    return .success(())
                }
            },
            lock: { (_) throws(SystemError) in },
            rename: { (path, newPath) throws(SystemError) in
                try self.change { state in
                    guard let file = state.names.removeValue(forKey: path) else { return .failure(.notFound) }
                    state.names[newPath] = file
                    state.changes.append(.rename(path, to: newPath, file: file))
                    return .success(())
                }
            },
            remove: { (path) throws(SystemError) in
                try self.change { state in
                    guard state.names.removeValue(forKey: path) != nil else { return .failure(.notFound) }
                    state.changes.append(.remove(path))
                    return .success(())
                }
            },
            makeFolder: { (path, _) throws(SystemError) in
                try self.change { state in
                    if state.folders.contains(path) { return .failure(.exists) }
                    guard state.folders.contains(Self.folder(of: path)) else { return .failure(.notFound) }
                    state.folders.insert(path)
                    state.changes.append(.addFolder(path))
                    return .success(())
                }
            },
            list: { (path) throws(SystemError) in
                try self.change { state in
                    guard state.folders.contains(path) else { return .failure(.notFound) }
                    return .success(
                        state.names.keys.filter { Self.folder(of: $0) == path }.map { name in
                            String(name.dropFirst(path == "/" ? 1 : path.count + 1))
                        })
                }
            })
    }

    private static func isChange(_ change: NameChange, in folder: String) -> Bool {
        switch change {
        case .add(let path, _), .rename(let path, _, _), .remove(let path), .addFolder(let path):
            Self.folder(of: path) == folder
        }
    }
}
