/// The file `<checkpoint>.switch`, in which a job remembers what its alias stood for before.
///
/// It is sealed like the checkpoint. Hold the job's `RunLock` while calling `save`. All calls block their thread.
public struct SwitchFile: Sendable {
    public var path: String { file.path }
    private let file: SealedFile<SwitchRecord>

    /// - Parameter checkpoint: The path of the job's checkpoint.
    public init(checkpoint: String) {
        file = SealedFile(path: checkpoint + ".switch", calls: .live)
    }

    /// The last switch, or nil when there was none.
    public func load() throws(SwitchFileError) -> SwitchRecord? {
        do throws(SealedFileError) {
            return try file.load()
        } catch {
            throw SwitchFileError(path: path, error)
        }
    }

    /// Returns when the record is on the disk, in the place of an earlier one.
    public func save(_ record: SwitchRecord) throws(SwitchFileError) {
        do throws(SealedFileError) {
            try file.save(record)
        } catch {
            throw SwitchFileError(path: path, error)
        }
    }
}
