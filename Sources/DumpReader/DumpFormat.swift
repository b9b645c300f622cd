import Zstd

/// How the text of a dump lies in its file. The first bytes decide, with one exception: a file that is named as zstd is
/// never taken for plain text, which a damaged or missing beginning would make of it.
enum DumpFormat {
    case plain
    case zstd

    /// The most bytes that a decision needs.
    static let prefixLength = 6

    private static let foreignMagics: [(bytes: [UInt8], name: String)] = [
        ([0x1F, 0x8B], "gzip"),
        ([0x50, 0x4B, 0x03, 0x04], "zip"),
        ([0x42, 0x5A, 0x68], "bzip2"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz"),
        ([0x04, 0x22, 0x4D, 0x18], "lz4"),
        ([0x22, 0xB5, 0x2F, 0xFD], "zstd before version 0.8"),
        ([0x23, 0xB5, 0x2F, 0xFD], "zstd before version 0.8"),
        ([0x24, 0xB5, 0x2F, 0xFD], "zstd before version 0.8"),
        ([0x25, 0xB5, 0x2F, 0xFD], "zstd before version 0.8"),
        ([0x26, 0xB5, 0x2F, 0xFD], "zstd before version 0.8"),
        ([0x27, 0xB5, 0x2F, 0xFD], "zstd before version 0.8"),
    ]

    /// - Throws: `DumpError.foreignCompression`.
    init(prefix: [UInt8], path: String) throws(DumpError) {
        if ZstdFrameKind(prefix: prefix.span) != nil || ZstdFrameKind.isCutMagic(prefix.span) {
            self = .zstd
        } else if let foreign = Self.foreignMagics.first(where: { prefix.starts(with: $0.bytes) }) {
            throw .foreignCompression(path: path, format: foreign.name)
        } else {
            self = path.hasSuffix(".zst") || path.hasSuffix(".zstd") ? .zstd : .plain
        }
    }
}
