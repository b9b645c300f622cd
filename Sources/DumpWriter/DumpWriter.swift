import Checkpoints
import Synchronization

/// A dump that is being written: its manifest, and a writer for each of its partitions.
///
/// The tasks of several partitions may use it at the same time. The folder stays locked until it and the writers of
/// its partitions are gone. All calls block their thread.
public final class DumpWriter: Sendable {
    private struct State {
        var manifest: DumpManifest
        var savedAt: ContinuousClock.Instant
        /// The partitions that have a writer.
        var opened: Set<Int> = []
    }

    /// Between two writes of the manifest, unless a file or a partition has come to its end.
    static let savePause = Duration.seconds(1)

    /// Path of the folder.
    public let folder: String
    let isResumed: Bool
    let sizes: DumpSizes
    let calls: FileSystemCalls
    let now: @Sendable () -> ContinuousClock.Instant
    private let file: SealedFile<DumpManifest>
    private let state: Mutex<State>
    /// Held as long as this value is there.
    private let lock: RunLock

    init(
        folder: String,
        manifest: DumpManifest,
        isResumed: Bool,
        sizes: DumpSizes,
        lock: consuming RunLock,
        calls: FileSystemCalls,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.folder = folder
        self.isResumed = isResumed
        self.sizes = sizes
        self.calls = calls
        self.now = now
        self.file = SealedFile(path: folder + "/" + DumpDirectory.manifestName, calls: calls)
        self.state = Mutex(State(manifest: manifest, savedAt: now()))
        self.lock = lock
    }

    /// What is on the disk and counted.
    public var manifest: DumpManifest { state.withLock { $0.manifest } }

    /// The writer of one partition, which can be had once.
    ///
    /// - Parameter index: Its index in the manifest.
    /// - Throws: `DumpWriteError.file` when its unfinished file cannot be opened or cut back to what the manifest
    ///   counts, and `.outOfMemory`.
    public func openPartition(_ index: Int) throws(DumpWriteError) -> PartitionDump {
        let partition = state.withLock { state in
            precondition(state.opened.insert(index).inserted, "Partition \(index) of the dump was opened twice.")
            return state.manifest.partitions[index]
        }
        return try PartitionDump(writer: self, index: index, state: partition)
    }

    func path(of name: String) -> String { folder + "/" + name }

    /// - Throws: `DumpWriteError.foreignFile` when there is a file of this name, and `.file`.
    func requireNoFile(_ name: String) throws(DumpWriteError) {
        guard try size(of: name) == nil else { throw .foreignFile(path: path(of: name)) }
    }

    /// - Throws: `DumpWriteError.changedFile` when the file lacks something that the manifest counts, or holds more
    ///   although it is complete, and `.file`.
    func requireFile(_ entry: DumpManifest.File) throws(DumpWriteError) {
        let size = try size(of: entry.name)
        guard let size, entry.isComplete ? size == entry.bytes : size >= entry.bytes else {
            throw .changedFile(path: path(of: entry.name), size: size, expected: entry.bytes)
        }
    }

    private func size(of name: String) throws(DumpWriteError) -> Int? {
        do throws(CheckpointError) {
            return try AtomicFile(path: path(of: name), calls: calls).size()
        } catch {
            throw .file(error)
        }
    }

    /// Takes note of what a partition has on the disk, and writes the manifest if `isUrgent` or enough time has passed.
    func record(_ partition: DumpManifest.Partition, at index: Int, isUrgent: Bool) throws(DumpWriteError) {
        try state.withLock { state throws(DumpWriteError) in
            state.manifest.partitions[index] = partition
            if isUrgent || state.savedAt.duration(to: now()) >= Self.savePause { try save(&state) }
        }
    }

    /// Writes the manifest.
    func save() throws(DumpWriteError) {
        try state.withLock { state throws(DumpWriteError) in try save(&state) }
    }

    private func save(_ state: inout State) throws(DumpWriteError) {
        do throws(SealedFileError) {
            try file.save(state.manifest)
        } catch {
            throw DumpWriteError(error, manifest: file.path)
        }
        state.savedAt = now()
    }
}
