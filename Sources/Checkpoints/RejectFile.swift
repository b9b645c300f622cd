public import BackfillCore
import Glibc
import Zstd

/// The file that keeps the records of a job that cannot be written: lines of JSON, as frames of zstd.
///
/// A line has the members of a `MessageLine`, so that the mended file can be the source of another job, and a member
/// `error` with the reason and the place of the record in the source.
///
/// Hold the job's `RunLock` as long as there is a value of this type. All calls block their thread.
public struct RejectFile: ~Copyable, Sendable {
    public let path: String
    /// Rejects that stand in the file.
    public private(set) var count: Int
    /// Bytes up to the end of the last append that succeeded.
    private var length: Int
    /// Whether the last append failed, so that the file may have been left longer than `length`.
    private var hasFailed = false
    private let calls: FileSystemCalls

    /// Opens the file of a job. It is created by the first append.
    ///
    /// What a crash left of an append is dropped, and so are the rejects behind the checkpoint, because the resumed job
    /// will meet their records again. The file is replaced by what stays in one step.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - counted: The rejects that the checkpoint counts; so many must stay, or some of them are lost.
    ///   - isSettled: Whether the record of this unit and position lies before the checkpoint; nil where the job has no such
    ///     record. Of a place in a file only the file and the line are known again.
    /// - Throws: `CheckpointError.rejectFile` when the file was mended by hand, is another program's, is damaged before
    ///   its end or does not hold `counted` settled rejects, and `CheckpointError.system`. The file is then as it was.
    public init(
        path: String,
        counted: Int,
        isSettled: (_ unit: Int, _ position: SourcePosition) -> Bool?
    ) throws(CheckpointError) {
        try self.init(path: path, counted: counted, calls: .live, isSettled: isSettled)
    }

    package init(
        path: String,
        counted: Int,
        calls: FileSystemCalls,
        isSettled: (_ unit: Int, _ position: SourcePosition) -> Bool?
    ) throws(CheckpointError) {
        let scan = try RejectFileScan(path: path, calls: calls)
        let settled = scan.lines.filter { isSettled($0.unit, $0.position) == true }
        let foreign = scan.lines.count { isSettled($0.unit, $0.position) == nil }
        // Another job's rejects are too many, and never stand for those that are lost.
        let found = settled.count < counted ? settled.count : settled.count + foreign
        guard found == counted else { throw .rejectFile(path: path, .otherCount(found: found, counted: counted)) }
        var length = scan.length
        if scan.isTorn || settled.count < scan.lines.count {
            let file = AtomicFile(path: path, calls: calls)
            if settled.isEmpty {
                try file.remove()
                length = 0
            } else {
                let frame = try Self.frame(settled.flatMap { scan.text[$0.range] }, path: path)
                try file.replace(with: frame)
                length = frame.count
            }
        }
        self.path = path
        self.count = settled.count
        self.length = length
        self.calls = calls
    }

    /// Where the records of a job's rejects stand: their units and positions, of which in a file only the file and the
    /// line are known again. None where there is no file.
    ///
    /// - Throws: `CheckpointError.rejectFile` when it is not a file of this program or is damaged before its end, and
    ///   `CheckpointError.system`.
    package static func places(
        in path: String
    ) throws(CheckpointError) -> [(unit: Int, position: SourcePosition)] {
        try RejectFileScan(path: path, calls: .live).lines.map { ($0.unit, $0.position) }
    }

    /// Renames the file of an earlier run to `<path>.previous`, for a job that starts over, and the files of its earlier
    /// rounds likewise.
    ///
    /// - Returns: The path that the first one has now, or nil when there was none.
    /// - Throws: `CheckpointError.rejectFile` when one is not a file of this program, and `CheckpointError.system`.
    @discardableResult
    public static func setAside(path: String) throws(CheckpointError) -> String? {
        let earlier = try numberedPaths(path)
        for path in [path] + earlier.map(\.path) {
            do throws(CheckpointError) {
                _ = try RejectFileScan(path: path, calls: .live)
            } catch .rejectFile(_, .damaged) {
                // To start over is the way out of this, and its first frame shows whose file it is.
            }
        }
        for (_, path) in earlier { _ = try AtomicFile(path: path).setAside() }
        return try AtomicFile(path: path).setAside()
    }

    /// Renames the file of a complete round, which the next one must not touch: `a.jsonl.zst` to `a-1.jsonl.zst`, or with
    /// the number behind the last one.
    ///
    /// - Returns: The path that it has now, or nil when there was none.
    /// - Throws: `CheckpointError.system`.
    @discardableResult
    public static func putAway(path: String) throws(CheckpointError) -> String? {
        let last = try numberedPaths(path).last?.number ?? 0
        return try AtomicFile(path: path).rename(to: numbered(path, last + 1))
    }

    /// The messages of the rejects of earlier rounds, by topic, partition and offset: each round numbers its units anew.
    ///
    /// - Throws: As `places(in:)`.
    package static func places(
        ofEarlierRounds path: String
    ) throws(CheckpointError) -> [(topic: String, partition: Int, position: SourcePosition)] {
        var places: [(topic: String, partition: Int, position: SourcePosition)] = []
        for earlier in try numberedPaths(path) {
            places += try RejectFileScan(path: earlier.path, calls: .live).lines.map {
                ($0.topic, $0.partition, $0.position)
            }
        }
        return places
    }

    /// The files of earlier rounds, in their order; one that somebody took away leaves a hole.
    private static func numberedPaths(_ path: String) throws(CheckpointError) -> [(number: Int, path: String)] {
        let folder = Folder(of: path, calls: .live)
        let names = try FileOperation.read.perform(on: folder.path) { () throws(SystemError) in try folder.names() }
        let prefix = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        let (stem, suffix) = parts(of: path)
        return names.compactMap { name -> (number: Int, path: String)? in
            let found = "\(prefix)\(name)"
            guard found.hasPrefix(stem + "-"), found.hasSuffix(suffix),
                let number = Int(found.dropFirst(stem.count + 1).dropLast(suffix.count)),
                number > 0, found == numbered(path, number)
            else { return nil }
            return (number, found)
        }.sorted { $0.number < $1.number }
    }

    private static func numbered(_ path: String, _ number: Int) -> String {
        let (stem, suffix) = parts(of: path)
        return "\(stem)-\(number)\(suffix)"
    }

    private static func parts(of path: String) -> (stem: Substring, suffix: String) {
        let suffix = path.hasSuffix(Self.suffix) ? Self.suffix : ""
        return (path.dropLast(suffix.count), suffix)
    }

    private static let suffix = ".jsonl.zst"

    /// Appends the rejects as one frame and returns when they are on the disk.
    ///
    /// After an error none of them counts, and the next append takes their place.
    ///
    /// - Throws: `CheckpointError.system`, or `CheckpointError.rejectFile` when something else changed the file.
    public mutating func append(_ rejects: [Reject]) throws(CheckpointError) {
        if rejects.isEmpty { return }
        let frame = try Self.frame(rejects.flatMap { RejectLine($0).bytes }, path: path)
        let hadFailed = hasFailed
        hasFailed = true
        if length == 0 {
            try create(with: frame, mayReplace: hadFailed)
        } else {
            try extend(with: frame, mayTruncate: hadFailed)
        }
        hasFailed = false
        length += frame.count
        count += rejects.count
    }

    /// The first frame comes by renaming: a file that begins with half a frame is then never this program's.
    private func create(with frame: [UInt8], mayReplace: Bool) throws(CheckpointError) {
        let file = AtomicFile(path: path, calls: calls)
        if !mayReplace, let size = try file.size(), size > 0 {
            throw .rejectFile(path: path, .changed(size: size, expected: 0))
        }
        try file.replace(with: frame)
    }

    private func extend(with frame: [UInt8], mayTruncate: Bool) throws(CheckpointError) {
        let (path, length, calls) = (path, length, calls)
        // Opened for each append, so that a file that was taken away is noticed rather than written to unseen.
        let opened = try FileOperation.append.perform(on: path) { () throws(SystemError) in
            try OpenFile.ifPresent(path: path, flags: O_WRONLY, calls: calls)
        }
        guard let file = opened else { throw .rejectFile(path: path, .changed(size: nil, expected: length)) }
        let size = try FileOperation.append.perform(on: path) { () throws(SystemError) in try file.size() }
        guard size == length || mayTruncate && size > length else {
            throw .rejectFile(path: path, .changed(size: size, expected: length))
        }
        do throws(SystemError) {
            if size > length { try file.truncate(to: length) }
            try file.write(frame, at: length)
            try file.sync()
            try file.close()
        } catch {
            throw .system(.append, path: path, error)
        }
    }

    private static func frame(_ text: [UInt8], path: String) throws(CheckpointError) -> [UInt8] {
        do throws(ZstdError) {
            return try ZstdCompressor.frame(text)
        } catch {
            throw .rejectFile(path: path, .uncompressible(detail: error.description))
        }
    }
}
