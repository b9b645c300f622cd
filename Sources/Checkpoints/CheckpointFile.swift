public import BackfillCore

extension CheckpointDocument: SealedDocument {}

/// The file in which a job keeps its checkpoint, as JSON that a person can read.
///
/// The last member, `checksum`, is the CRC-32 of everything before it: a file that was cut short, damaged or edited is
/// refused rather than trusted. Hold the job's `RunLock` while calling `save` or `remove`. All calls block their
/// thread.
public struct CheckpointFile: Sendable {
    public var path: String { file.path }
    private let file: SealedFile<CheckpointDocument>

    public init(path: String) {
        self.init(path: path, calls: .live)
    }

    package init(path: String, calls: FileSystemCalls) {
        self.file = SealedFile(path: path, calls: calls)
    }

    /// The stored document, or nil when there is no file.
    ///
    /// - Throws: `CheckpointError.damaged`, `.unknownVersion`, or `.system` when the file cannot be read.
    public func load() throws(CheckpointError) -> CheckpointDocument? {
        try perform { () throws(SealedFileError) in try file.load() }
    }

    /// Puts the document in the place of the stored one and returns when it is on the disk.
    ///
    /// - Throws: `CheckpointError.system`; see `AtomicFile.replace(with:)` for what then stands in the file.
    public func save(_ document: CheckpointDocument) throws(CheckpointError) {
        try perform { () throws(SealedFileError) in try file.save(document) }
    }

    /// Sets the checkpoint aside as `<path>.previous`, in the place of an older one, for a job that starts over.
    ///
    /// - Returns: The path that it has now, or nil when there was none.
    /// - Throws: `CheckpointError.system`.
    @discardableResult
    public func remove() throws(CheckpointError) -> String? {
        try perform { () throws(SealedFileError) in try file.setAside() }
    }

    private func perform<Value>(_ work: () throws(SealedFileError) -> Value) throws(CheckpointError) -> Value {
        do throws(SealedFileError) {
            return try work()
        } catch {
            switch error {
            case .file(let error): throw error
            case .damaged(let damage): throw .damaged(path: path, damage)
            case .unknownVersion(let version): throw .unknownVersion(path: path, version: version)
            case .unwritable(let detail): throw .unwritable(path: path, detail: detail)
            }
        }
    }
}
