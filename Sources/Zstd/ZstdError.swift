import CZstd

/// Why libzstd refused to go on. Every case carries libzstd's own words.
public enum ZstdError: Error, Hashable, Sendable {
    /// The bytes do not begin like a zstd frame.
    case notZstd(String)
    /// The compressed bytes contradict themselves.
    case corrupted(String)
    /// The frame's text does not have the checksum that the frame states.
    case wrongChecksum(String)
    /// The frame needs a window of more than 2 GiB.
    case windowTooLarge(String)
    /// The frame was made with a dictionary, which this program does not have.
    case dictionaryNeeded(String)
    /// There is no memory for libzstd's tables or for the window that the frame asks for.
    case outOfMemory(String)
    /// Any other refusal.
    case other(String)

    /// The error behind a return value of libzstd, nil for a value that is a size.
    init?(result: Int) {
        guard ZSTD_isError(result) != 0 else { return nil }
        // libzstd returns a constant, terminated string for every code.
        let words = unsafe String(cString: ZSTD_getErrorName(result))
        switch ZSTD_getErrorCode(result) {
        case ZSTD_error_prefix_unknown, ZSTD_error_version_unsupported: self = .notZstd(words)
        case ZSTD_error_corruption_detected, ZSTD_error_literals_headerWrong, ZSTD_error_tableLog_tooLarge,
            ZSTD_error_maxSymbolValue_tooLarge, ZSTD_error_maxSymbolValue_tooSmall, ZSTD_error_srcSize_wrong,
            ZSTD_error_dictionary_corrupted, ZSTD_error_frameParameter_unsupported:
            self = .corrupted(words)
        case ZSTD_error_checksum_wrong: self = .wrongChecksum(words)
        case ZSTD_error_frameParameter_windowTooLarge: self = .windowTooLarge(words)
        case ZSTD_error_dictionary_wrong: self = .dictionaryNeeded(words)
        case ZSTD_error_memory_allocation: self = .outOfMemory(words)
        default: self = .other(words)
        }
    }
}

extension ZstdError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notZstd(let words), .corrupted(let words), .wrongChecksum(let words), .windowTooLarge(let words),
            .dictionaryNeeded(let words), .outOfMemory(let words), .other(let words):
            "libzstd: \(words)"
        }
    }
}
