import Zstd

/// What stops the reading of a file, before it is known at which line.
enum ReadFault: Error {
    case file(DumpError)
    case damaged(DumpFault)
    case outOfMemory(String)
    case lineTooLong(line: Int)
    case noSuchPosition

    init(_ error: ZstdError) {
        switch error {
        case .notZstd: self = .damaged(.foreignBytes)
        case .corrupted(let words): self = .damaged(.corrupted(words))
        case .wrongChecksum(let words): self = .damaged(.wrongChecksum(words))
        case .windowTooLarge(let words), .dictionaryNeeded(let words), .other(let words):
            self = .damaged(.unsupported(words))
        case .outOfMemory(let words): self = .outOfMemory(words)
        }
    }
}
