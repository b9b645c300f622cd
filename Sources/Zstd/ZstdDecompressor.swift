import CZstd

/// Decompresses a stream of zstd frames step by step.
///
/// It owns one libzstd context, which keeps the window of the frame at hand: up to 2 GiB for a frame that was made
/// with `zstd --long=31`. The context is bound to no thread, and this value is its only owner.
@safe
public struct ZstdDecompressor: ~Copyable, @unchecked Sendable {
    /// What one step did.
    public struct Step: Hashable, Sendable {
        /// Bytes taken from the input.
        public var consumed: Int
        /// Bytes appended to the output.
        public var produced: Int
        /// The kind of the frame whose last byte was taken and whose text is complete, its checksum right where it
        /// has one; nil when no frame ended. A step never goes beyond the end of a frame.
        public var endedFrame: ZstdFrameKind?
        /// Whether the frame that ended is a data frame with a checksum. A damaged header can hide the checksum: its
        /// four bytes then stand behind the frame, where they begin no other one.
        public var hadChecksum: Bool

        public init(
            consumed: Int = 0,
            produced: Int = 0,
            endedFrame: ZstdFrameKind? = nil,
            hadChecksum: Bool = false
        ) {
            self.consumed = consumed
            self.produced = produced
            self.endedFrame = endedFrame
            self.hadChecksum = hadChecksum
        }
    }

    private let context: OpaquePointer
    private static let checksumFlag: UInt8 = 0b100
    /// The magic number and the descriptor of the frame at hand, as far as they were taken.
    private var magic: UInt32 = 0
    private var descriptor: UInt8 = 0
    private var headerBytes = 0

    /// Whether a frame has begun and not ended.
    public var isInsideFrame: Bool { headerBytes > 0 }

    /// - Throws: `ZstdError.outOfMemory`.
    public init() throws(ZstdError) {
        guard let context = unsafe ZSTD_createDCtx() else {
            throw .outOfMemory("Allocation error : not enough memory")
        }
        if let error = ZstdError(result: unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 31)) {
            unsafe ZSTD_freeDCtx(context)
            throw error
        }
        unsafe self.context = context
    }

    deinit {
        unsafe ZSTD_freeDCtx(context)
    }

    /// Forgets the frame at hand; the next step begins a new one.
    public mutating func reset() {
        // A reset of the session alone cannot fail.
        unsafe ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        forgetHeader()
    }

    /// Takes bytes from the front of `input` and appends their text to `output`, until the input is used up, the
    /// output is full or a frame ends.
    ///
    /// Skippable frames are read over; their end is reported with its kind, so that a caller can count data frames
    /// alone. When the output was filled there may be more text even though the input is used up: call again, with
    /// an empty input if there is no other.
    ///
    /// - Parameters:
    ///   - input: Bytes that follow those which earlier steps consumed.
    ///   - output: Receives the text; must have room.
    /// - Throws: `ZstdError`. The text of this step is lost then, and `reset()` must come before another step.
    public mutating func step(
        _ input: Span<UInt8>,
        into output: inout OutputSpan<UInt8>
    ) throws(ZstdError) -> Step {
        let (consumed, produced, result) = decompress(input, into: &output)
        if let error = ZstdError(result: result) { throw error }
        var index = 0
        while headerBytes <= ZstdFrameKind.magicLength, index < consumed {
            takeHeaderByte(input[index])
            index += 1
        }
        var step = Step(consumed: consumed, produced: produced)
        if result == 0, isInsideFrame {
            // libzstd reads some formats that are older than the kinds of frames; what has text is a data frame.
            step.endedFrame = ZstdFrameKind(magic: magic) ?? .data
            step.hadChecksum = step.endedFrame == .data && descriptor & Self.checksumFlag != 0
            forgetHeader()
        }
        return step
    }

    private mutating func takeHeaderByte(_ byte: UInt8) {
        if headerBytes < ZstdFrameKind.magicLength {
            magic |= UInt32(byte) << UInt32(8 * headerBytes)
        } else {
            descriptor = byte
        }
        headerBytes += 1
    }

    private mutating func forgetHeader() {
        magic = 0
        descriptor = 0
        headerBytes = 0
    }

    private func decompress(
        _ input: Span<UInt8>,
        into output: inout OutputSpan<UInt8>
    ) -> (consumed: Int, produced: Int, result: Int) {
        // Both buffers outlive the call, and libzstd keeps no pointer into them beyond it.
        unsafe input.withUnsafeBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target, initializedCount in
                var inBuffer = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
                var outBuffer = unsafe ZSTD_outBuffer(
                    dst: target.baseAddress, size: target.count, pos: initializedCount)
                let result = unsafe ZSTD_decompressStream(context, &outBuffer, &inBuffer)
                // libzstd leaves `pos` alone when it fails, so what the span counts is always initialised.
                let produced = unsafe outBuffer.pos - initializedCount
                unsafe initializedCount = outBuffer.pos
                return unsafe (inBuffer.pos, produced, result)
            }
        }
    }
}
