import Zstd

/// Reads one frame of a reject file piece by piece.
struct RejectFrameReader: ~Copyable {
    /// How far the frame is read.
    enum State: Equatable {
        case unfinished
        /// Its text is complete and has the checksum that the frame states.
        case whole
        /// It ends too early, contradicts itself or is no frame of data.
        case broken
    }

    private var decompressor: ZstdDecompressor
    private(set) var state = State.unfinished
    private(set) var text: [UInt8] = []
    /// Bytes of the frame that were taken.
    private(set) var consumed = 0

    init() throws(ZstdError) {
        self.decompressor = try ZstdDecompressor()
    }

    /// Takes bytes of the frame from the front of `input`, which is empty only at the end of the file.
    ///
    /// - Throws: `ZstdError.outOfMemory`, which says nothing about the frame.
    mutating func read(_ input: some Collection<UInt8>) throws(ZstdError) {
        let bytes = Array(input)
        do throws(ZstdError) {
            try text.append(addingCapacity: 1 << 16) { output throws(ZstdError) in
                let step = try decompressor.step(bytes.span, into: &output)
                consumed += step.consumed
                switch step.endedFrame {
                case .data: state = .whole
                case .skippable: state = .broken
                // Text may be left with the decompressor after the last byte was taken.
                case nil: state = bytes.isEmpty && step.produced == 0 ? .broken : .unfinished
                }
            }
        } catch .outOfMemory(let words) {
            throw .outOfMemory(words)
        } catch {
            state = .broken
        }
    }
}
