public import BackfillCore
import Glibc

/// The files of a job's source.
public enum SourceCatalog {
    /// The files that `paths` stand for, in reading order: that of `paths`, and for one pattern that of the names.
    ///
    /// A path that exists is taken as it is. Any other is a pattern in which `*` stands for any text within a name,
    /// `?` for one character and `[a-z]` for one of a set; a name that begins with a dot is matched by a dot alone.
    /// Names are compared byte by byte, whatever the language of the system. What jobs leave beside their dumps, the
    /// rejects and the differences, no pattern stands for: only the path itself.
    ///
    /// Every file is opened and its first bytes are looked at, so that a file which cannot be read is known before
    /// anything is written.
    ///
    /// - Parameter paths: Absolute paths or patterns.
    /// - Throws: `DumpError`: nothing matches, a file cannot be opened, is no regular file, is compressed in a foreign
    ///   way, or is listed twice (by one name or by two, such as a link and its target).
    public static func files(matching paths: [String]) throws(DumpError) -> [CheckpointDocument.SourceFile] {
        var files: [CheckpointDocument.SourceFile] = []
        var names: [DumpFile.Inode: String] = [:]
        for pattern in paths {
            for path in try expand(pattern) {
                let file = try DumpFile(path: path)
                if let earlier = names.updateValue(path, forKey: file.inode) {
                    throw .listedTwice(path: path, earlier: earlier)
                }
                _ = try file.format()
                files.append(try file.identity())
            }
        }
        return files
    }

    /// Whether it is a file of rejects, of whatever round, or of differences, by its default name.
    private static func isLeftByJob(_ path: String) -> Bool {
        guard path.hasSuffix(".jsonl.zst") else { return false }
        let parts = path.dropLast(".jsonl.zst".count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, let kind = parts.last else { return false }
        guard !kind.hasPrefix("rejects-") else { return Int(kind.dropFirst("rejects-".count)) != nil }
        return kind == "rejects" || kind == "differences"
    }

    private static func expand(_ pattern: String) throws(DumpError) -> [String] {
        var status = stat()
        if unsafe lstat(pattern, &status) == 0 { return [pattern] }
        let code = errno
        guard code == ENOENT || code == ENOTDIR else { throw .system(path: pattern, operation: .open, code: code) }

        var matches = unsafe glob_t()
        defer { unsafe globfree(&matches) }
        // GLOB_ERR: a folder that cannot be listed must not pass for one without matches.
        switch unsafe glob(pattern, GLOB_ERR | GLOB_NOSORT, nil, &matches) {
        case 0:
            // `glob` filled in that many pointers to terminated strings, which live until `globfree`.
            let paths = (0..<Int(unsafe matches.gl_pathc)).compactMap { index in
                unsafe matches.gl_pathv[index].map { unsafe String(cString: $0) }
            }
            let sources = paths.filter { !isLeftByJob($0) }
            guard !sources.isEmpty else { throw .noMatch(pattern: pattern) }
            return sources.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        case GLOB_NOMATCH:
            throw .noMatch(pattern: pattern)
        case GLOB_NOSPACE:
            throw .system(path: pattern, operation: .list, code: ENOMEM)
        default:
            let code = errno
            if code == ENOENT { throw .noMatch(pattern: pattern) }
            throw .system(path: pattern, operation: .list, code: code)
        }
    }
}
