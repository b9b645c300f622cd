public import BackfillCore
import Glibc

/// Why a dump cannot be read, or not to its end.
public enum DumpError: UserFacingError, Hashable {
    /// No file has this name or matches this pattern.
    case noMatch(pattern: String)
    /// A folder or another thing that is no regular file.
    case notAFile(path: String)
    /// Two paths or patterns of the job lead to the same file, by this or by another name.
    case listedTwice(path: String, earlier: String)
    /// The file is compressed in a way that this program does not read.
    case foreignCompression(path: String, format: String)
    /// The system refused an operation on a file; `code` is its `errno`.
    case system(path: String, operation: DumpOperation, code: Int32)
    /// The file is not the one that the job was planned with, or it changed while it was read.
    case changed(path: String)
    /// The file has no line that begins at this place.
    case noSuchPosition(path: String, position: DumpPosition)
    /// A line is longer than `limit` bytes.
    case lineTooLong(path: String, frame: Int, line: Int, limit: Int)
    /// The file cannot be decompressed beyond this place; `line` is the first one that was not delivered.
    case damaged(path: String, frame: Int, line: Int, fault: DumpFault)
    /// Like `damaged`, in a frame too large to be held back until its checksum was seen: lines from `firstUnchecked`
    /// to the one before `line` came from this frame and were delivered, and nothing vouches for them.
    case damagedAfterDelivery(path: String, frame: Int, firstUnchecked: Int, line: Int, fault: DumpFault)
    /// There is no memory to decompress with; `words` are libzstd's. `line` is the first one that was not delivered.
    case outOfMemory(path: String, frame: Int, line: Int, words: String)

    public var exitStatus: ExitStatus {
        switch self {
        case .notAFile, .listedTwice: .badJobFile
        case .noMatch, .foreignCompression, .system, .changed, .noSuchPosition, .lineTooLong, .damaged,
            .damagedAfterDelivery, .outOfMemory:
            .failed
        }
    }

    public var description: String {
        switch self {
        case .noMatch(let pattern):
            return
                "No file matches \(pattern): correct the path in the job file, or put the dump in its place; rejects and "
                + "differences of jobs are taken by their own paths alone."
        case .notAFile(let path):
            return "\(path) is not a regular file: list the dump files themselves, for a folder as \(path)/*."
        case .listedTwice(let path, let earlier):
            let file = path == earlier ? path : "\(path) is the same file as \(earlier), which"
            return "\(file) is listed twice, so that its place in the order is not known: name it once in the job file."
        case .foreignCompression(let path, let format):
            return "\(path) is compressed as \(format), which is not read: recompress it with zstd or unpack it."
        case .system(let path, let operation, let code):
            // glibc returns a terminated string for every code, numbers without a meaning included.
            let reason = unsafe String(cString: strerror(code))
            return "\(path) cannot be \(operation.participle) (\(reason)): mend that and run the job again."
        case .changed(let path):
            return "\(path) was changed or replaced after the job was planned:"
                + " put the original file back, or start the job anew from the changed one."
        case .noSuchPosition(let path, let position):
            return "\(path) has no line \(position.line) at byte \(position.textOffset) of the text of frame"
                + " \(position.frame) (at byte \(position.frameOffset) of the file), where reading should go on:"
                + " put back the file that the job was started with, or start the job anew."
        case .lineTooLong(let path, let frame, let line, let limit):
            return "Line \(line) of \(path) (in frame \(frame)) is longer than \(limit) bytes:"
                + " make sure that the file holds one JSON document in each line."
        case .damaged(let path, let frame, let line, let fault):
            let loaded = line > 1 ? "the lines before it are" : "nothing of it is"
            return "\(path) \(fault) in frame \(frame), where reading stopped before line \(line):"
                + " \(loaded) loaded; put an intact copy in its place and begin anew with --restart."
        case .damagedAfterDelivery(let path, let frame, let firstUnchecked, let line, let fault):
            let loaded = firstUnchecked > 1 ? "the lines before \(firstUnchecked) are loaded, and " : ""
            return "\(path) \(fault) in frame \(frame), where reading stopped before line \(line):"
                + " \(loaded)the rows from line \(firstUnchecked) on may be wrong, as the frame was too large to be"
                + " checked before its rows were loaded; put an intact copy in its place and begin anew with --restart."
        case .outOfMemory(let path, let frame, let line, let words):
            return "\(path) needs more memory in frame \(frame), line \(line), than the system has (\(words)):"
                + " free memory and run the job again."
        }
    }
}
