public import BackfillCore
package import Checkpoints

/// The folder of a dump, held by this run alone.
///
/// Beside the files with messages it holds `manifest.json`, which describes them, and the lock `manifest.json.lock`.
/// All calls block their thread.
public struct DumpDirectory: ~Copyable, Sendable {
    public let path: String
    /// What earlier runs wrote here; nil: nothing yet. The ranges in it are those to read on with.
    public let manifest: DumpManifest?
    private let lock: RunLock
    private let calls: FileSystemCalls

    /// Takes the lock of the folder, which is created where it is missing, and reads its manifest.
    ///
    /// - Parameter startedAt: When the run began, RFC 3339, for the message of a second run.
    /// - Throws: `DumpWriteError.locked`, `.damagedManifest`, `.unknownVersion`, or `.file` when the folder cannot be
    ///   used.
    public init(path: String, startedAt: String) throws(DumpWriteError) {
        try self.init(path: path, startedAt: startedAt, calls: .live)
    }

    package init(path: String, startedAt: String, calls: FileSystemCalls) throws(DumpWriteError) {
        let lock = try Self.lock(path, startedAt: startedAt, calls: calls)
        let manifest = try Self.manifest(in: path, calls: calls)
        self.path = path
        self.manifest = manifest
        self.lock = lock
        self.calls = calls
    }

    /// Begins a dump in a folder without a manifest.
    ///
    /// - Parameters:
    ///   - source: What the dump is made of, for the runs that resume it.
    ///   - partitions: Each one once, with its ranges resolved to numbers, which later runs keep.
    /// - Throws: `DumpWriteError.foreignFile` when a file stands in the way, and `.file`.
    public consuming func create(
        source: CheckpointDocument.Source,
        partitions: [DumpManifest.Partition],
        sizes: DumpSizes = DumpSizes()
    ) throws(DumpWriteError) -> DumpWriter {
        try create(source: source, partitions: partitions, sizes: sizes, now: { .now })
    }

    package consuming func create(
        source: CheckpointDocument.Source,
        partitions: [DumpManifest.Partition],
        sizes: DumpSizes,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) throws(DumpWriteError) -> DumpWriter {
        precondition(manifest == nil, "A dump was begun in a folder that holds one.")
        let writer = DumpWriter(
            folder: path, manifest: DumpManifest(source: source, partitions: partitions), isResumed: false,
            sizes: sizes, lock: lock, calls: calls, now: now)
        for partition in partitions { try writer.requireNoFile(partition.fileName(0)) }
        try writer.save()
        return writer
    }

    /// Goes on with the dump that the manifest describes.
    ///
    /// What a crash left beyond the manifest is dropped when its partition is opened.
    ///
    /// - Parameter source: What this run would dump; ranges as the person wrote them.
    /// - Throws: `DumpWriteError.otherJob` when that is something else, `.changedFile` when a file of the dump is
    ///   missing or not as long as it must be, and `.file`.
    public consuming func resume(
        source: CheckpointDocument.Source,
        sizes: DumpSizes = DumpSizes()
    ) throws(DumpWriteError) -> DumpWriter {
        try resume(source: source, sizes: sizes, now: { .now })
    }

    package consuming func resume(
        source: CheckpointDocument.Source,
        sizes: DumpSizes,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) throws(DumpWriteError) -> DumpWriter {
        guard let manifest else { preconditionFailure("A dump was resumed in a folder that holds none.") }
        let differences = SourceComparison.differences(stored: manifest.source, current: source)
        guard differences.isEmpty else { throw .otherJob(folder: path, differences) }
        let writer = DumpWriter(
            folder: path, manifest: manifest, isResumed: true, sizes: sizes, lock: lock, calls: calls, now: now)
        for file in manifest.partitions.flatMap(\.files) { try writer.requireFile(file) }
        return writer
    }

    static let manifestName = "manifest.json"

    private static func lock(
        _ folder: String, startedAt: String, calls: FileSystemCalls
    ) throws(DumpWriteError) -> RunLock {
        do throws(CheckpointError) {
            return try RunLock(checkpoint: folder + "/" + manifestName, startedAt: startedAt, calls: calls)
        } catch .locked(_, let holder) {
            throw .locked(folder: folder, holder: holder)
        } catch {
            throw .file(error)
        }
    }

    private static func manifest(in folder: String, calls: FileSystemCalls) throws(DumpWriteError) -> DumpManifest? {
        let file = SealedFile<DumpManifest>(path: folder + "/" + manifestName, calls: calls)
        do throws(SealedFileError) {
            return try file.load()
        } catch {
            throw DumpWriteError(error, manifest: file.path)
        }
    }
}
