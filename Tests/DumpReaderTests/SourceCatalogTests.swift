import BackfillCore
import DumpReader
import TestSupport
import Testing
import Zstd

@Suite("SourceCatalog")
struct SourceCatalogTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func names(_ patterns: String...) throws -> [String] {
        try SourceCatalog.files(matching: patterns.map { "\(folder.path)/\($0)" }).map {
            String($0.path.dropFirst(folder.path.count + 1))
        }
    }

    private func error(_ patterns: String...) -> DumpError? {
        do {
            _ = try SourceCatalog.files(matching: patterns.map { "\(folder.path)/\($0)" })
            return nil
        } catch {
            return error
        }
    }

    private func write(_ names: String...) throws {
        for name in names { try folder.write(name, Array(name.utf8)) }
    }

    @Test("patterns are taken in their order, their matches in the byte order of the names")
    func order() throws {
        try write("b-2", "b-10", "b-1", "B-1", "a", "é", "z")
        #expect(try names("z", "b-*", "[A-C]*", "a") == ["z", "b-1", "b-10", "b-2", "B-1", "a"])
        #expect(try names("?-1") == ["B-1", "b-1"])
        #expect(try names("[!bBaz]*") == ["é"])
    }

    @Test("folders may be matched too, hidden files are not")
    func folders() throws {
        try folder.folder("2026-02")
        try folder.folder("2026-01")
        try write("2026-01/x", "2026-02/x", "2026-02/.x", "file")
        #expect(try names("2026-*/*") == ["2026-01/x", "2026-02/x"])
        #expect(try names("*/x") == ["2026-01/x", "2026-02/x"])
    }

    @Test("a pattern leaves out the rejects and differences that jobs have left, a path does not")
    func leftByJobs() throws {
        let left = ["a.differences", "a.rejects", "a.rejects-2"].map { $0 + ".jsonl.zst" }
        let sources = ["a", "differences", "rejects-x.b", "x.rejects-y"].map { $0 + ".jsonl.zst" }
        try folder.write(left[0], try ZstdCompressor.frame(Array("{}".utf8)))
        for name in left.dropFirst() + sources { try folder.write(name, try ZstdCompressor.frame(Array(name.utf8))) }
        #expect(try names("*.jsonl.zst") == sources)
        #expect(try names(left[0], left[2]) == [left[0], left[2]])
        #expect(error("*.rejects.jsonl.zst") == .noMatch(pattern: "\(folder.path)/*.rejects.jsonl.zst"))
    }

    @Test("a path that exists is no pattern")
    func literal() throws {
        try write("a[1]", "a1", "b*", "b")
        #expect(try names("a[1]", "b*") == ["a[1]", "b*"])
    }

    @Test("nothing that matches is an error", arguments: ["none", "none*", "none/x*", "file/x", "file/*"])
    func noMatch(pattern: String) throws {
        try write("file")
        #expect(error(pattern) == .noMatch(pattern: "\(folder.path)/\(pattern)"))
    }

    @Test("a folder is an error")
    func directory() throws {
        try folder.folder("sub")
        #expect(error("sub") == .notAFile(path: "\(folder.path)/sub"))
        #expect(error("s*") == .notAFile(path: "\(folder.path)/sub"))
        do {
            _ = try SourceCatalog.files(matching: ["/dev/null"])
            Issue.record("no error")
        } catch {
            #expect(error == .notAFile(path: "/dev/null"))
        }
    }

    @Test("a link without a target is an error")
    func danglingLink() throws {
        try folder.link("link", to: "nothing")
        #expect(error("link") == .system(path: "\(folder.path)/link", operation: .open, code: 2))
    }

    @Test("a file that is listed twice is an error, by another name too")
    func twice() throws {
        try write("a", "b")
        try folder.link("c", to: "a")
        let path = folder.path
        #expect(error("a", "b", "a") == .listedTwice(path: "\(path)/a", earlier: "\(path)/a"))
        #expect(error("a", "[ab]") == .listedTwice(path: "\(path)/a", earlier: "\(path)/a"))
        #expect(error("*") == .listedTwice(path: "\(path)/c", earlier: "\(path)/a"))
        #expect(
            error("*")?.description
                == "\(path)/c is the same file as \(path)/a, which is listed twice, so that its place in the order is"
                + " not known: name it once in the job file.")
    }

    @Test("a foreign compression is named")
    func foreignCompression() throws {
        let magics: [(String, [UInt8])] = [
            ("gzip", [0x1F, 0x8B, 8, 0]), ("zip", [0x50, 0x4B, 3, 4]), ("bzip2", Array("BZh9".utf8)),
            ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]), ("lz4", [4, 0x22, 0x4D, 0x18]),
            ("zstd before version 0.8", [0x27, 0xB5, 0x2F, 0xFD]),
        ]
        for (format, magic) in magics {
            let path = try folder.write("a.jsonl.zst", magic + [0, 0, 0])
            #expect(error("a.jsonl.zst") == .foreignCompression(path: path, format: format))
        }
    }

    @Test("a file is known by its size, its beginning and its end, wherever it lies")
    func identity() throws {
        var generator = SeededGenerator(seed: 3)
        let bytes = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let original = try #require(try folder.source("a", bytes).first)
        #expect(original.size == 300_000)
        #expect(original.digest.count == 64)
        try folder.folder("moved")
        #expect(try folder.source("moved/b", bytes).first?.digest == original.digest)
        for (index, isSeen) in [(0, true), (65535, true), (65536, false), (300_000 - 65536, true), (299_999, true)] {
            var changed = bytes
            changed[index] ^= 1
            let digest = try folder.source("c", changed).first?.digest
            #expect((digest != original.digest) == isSeen, "\(index)")
        }
        #expect(try folder.source("d", bytes.dropLast()).first?.digest != original.digest)
    }

    @Test("the digest of a small file stays what it is, as checkpoints hold it")
    func digest() throws {
        #expect(
            try folder.source("a", Array("{}\n".utf8)).first?.digest
                == "730cb3cc3053d7beecd479dcbf8752317c4990da2aaee178bc25e70c4fbd95b5")
        #expect(
            try folder.source("b", []).first?.digest
                == "af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc")
    }
}
