import CZstd

/// Compresses whole pieces of data into frames.
///
/// It owns one libzstd context, whose tables serve frame after frame. The context is bound to no thread, and this
/// value is its only owner.
@safe
public struct ZstdCompressor: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer

    /// - Parameter level: libzstd's compression level; a level outside of libzstd's range is brought into it.
    /// - Throws: `ZstdError.outOfMemory`.
    public init(level: Int32 = 3) throws(ZstdError) {
        guard let context = unsafe ZSTD_createCCtx() else {
            throw .outOfMemory("Allocation error : not enough memory")
        }
        do throws(ZstdError) {
            try Self.check(unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level))
            try Self.check(unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1))
            try Self.check(unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1))
        } catch {
            unsafe ZSTD_freeCCtx(context)
            throw error
        }
        unsafe self.context = context
    }

    deinit {
        unsafe ZSTD_freeCCtx(context)
    }

    /// Appends one complete frame that holds `bytes`, with its size and a checksum.
    ///
    /// - Throws: `ZstdError.outOfMemory`. `output` is as it was then.
    public mutating func appendFrame(of bytes: Span<UInt8>, to output: inout [UInt8]) throws(ZstdError) {
        try output.append(addingCapacity: ZSTD_compressBound(bytes.count)) { output throws(ZstdError) in
            // `ZSTD_compress2` begins a frame of its own, whatever the one before came to, writes within the bounds
            // that it is given and returns how much it wrote.
            let result = unsafe bytes.withUnsafeBufferPointer { source in
                unsafe output.withUnsafeMutableBufferPointer { target, initializedCount in
                    let room = unsafe UnsafeMutableBufferPointer(rebasing: target[initializedCount...])
                    let size = unsafe ZSTD_compress2(
                        context, room.baseAddress, room.count, source.baseAddress, source.count)
                    initializedCount += ZSTD_isError(size) == 0 ? size : 0
                    return size
                }
            }
            try Self.check(result)
        }
    }

    /// One complete frame that holds `bytes`, with its size and a checksum.
    ///
    /// - Parameter level: as in `init`.
    /// - Throws: `ZstdError.outOfMemory`.
    public static func frame(_ bytes: [UInt8], level: Int32 = 3) throws(ZstdError) -> [UInt8] {
        var compressor = try ZstdCompressor(level: level)
        var frame: [UInt8] = []
        try compressor.appendFrame(of: bytes.span, to: &frame)
        return frame
    }

    private static func check(_ result: Int) throws(ZstdError) {
        if let error = ZstdError(result: result) { throw error }
    }
}
