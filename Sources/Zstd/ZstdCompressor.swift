import CZstd

/// Compresses whole pieces of data into frames.
public enum ZstdCompressor {
    /// One complete frame that holds `bytes`, with its size and a checksum.
    ///
    /// - Parameter level: libzstd's compression level; a level outside of libzstd's range is brought into it.
    /// - Throws: `ZstdError.outOfMemory`.
    public static func frame(_ bytes: [UInt8], level: Int32 = 3) throws(ZstdError) -> [UInt8] {
        guard let context = unsafe ZSTD_createCCtx() else {
            throw .outOfMemory("Allocation error : not enough memory")
        }
        defer { unsafe ZSTD_freeCCtx(context) }
        try check(unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level))
        try check(unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1))
        try check(unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1))
        return try [UInt8](capacity: ZSTD_compressBound(bytes.count)) { output throws(ZstdError) in
            // `ZSTD_compress2` writes within the bounds that it is given and returns how much it wrote.
            let result = unsafe bytes.withUnsafeBufferPointer { source in
                unsafe output.withUnsafeMutableBufferPointer { target, initializedCount in
                    let size = unsafe ZSTD_compress2(
                        context, target.baseAddress, target.count, source.baseAddress, source.count)
                    initializedCount = ZSTD_isError(size) == 0 ? size : 0
                    return size
                }
            }
            try check(result)
        }
    }

    private static func check(_ result: Int) throws(ZstdError) {
        if let error = ZstdError(result: result) { throw error }
    }
}
