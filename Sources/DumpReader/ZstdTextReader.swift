import Zstd

/// The text of one zstd file, frame after frame.
struct ZstdTextReader: ~Copyable {
    private static let inputSize = 512 << 10

    private var decompressor: ZstdDecompressor
    /// Bytes from disk; those in `unread` are not decompressed yet.
    private var input: [UInt8] = []
    private var unread = 0..<0
    /// The last step filled the room it was given, so libzstd may hold text that needs no more input.
    private var mayHoldText = false
    /// A frame without a checksum ended, and what follows it was not looked at.
    private var hasUnconfirmedEnd = false

    init() throws(ReadFault) {
        do {
            decompressor = try ZstdDecompressor()
        } catch {
            throw ReadFault(error)
        }
    }

    /// Appends up to `room` bytes of text to `buffer`, and adds to `diskOffset` the bytes that they took of the file.
    mutating func read(
        from file: inout DumpFile,
        into buffer: inout [UInt8],
        atMost room: Int,
        diskOffset: inout Int
    ) throws(ReadFault) -> TextEvent {
        if !decompressor.isInsideFrame {
            while unread.count < ZstdFrameKind.magicLength {
                guard try refill(from: &file) else { break }
            }
            if unread.isEmpty {
                // Not even an empty frame: the writer of the file never came to its end.
                guard diskOffset > 0 else { throw .damaged(.truncated) }
            } else if ZstdFrameKind(prefix: input.span.extracting(unread)) == nil {
                // Asked before libzstd is, which would read the formats before zstd 0.8 too.
                throw .damaged(ZstdFrameKind.isCutMagic(input.span.extracting(unread)) ? .truncated : .foreignBytes)
            }
            if hasUnconfirmedEnd {
                hasUnconfirmedEnd = false
                return .endOfFrame
            }
            if unread.isEmpty { return .endOfFile }
        } else if unread.isEmpty, !mayHoldText {
            guard try refill(from: &file) else { throw .damaged(.truncated) }
        }
        let step = try Self.decompress(input, unread, with: &decompressor, into: &buffer, atMost: room)
        diskOffset += step.consumed
        unread = unread.lowerBound + step.consumed..<unread.upperBound
        mayHoldText = step.produced == room
        guard step.endedFrame == .data else { return .text }
        // Damage to the header of a frame can hide its checksum, which then stands where the next frame should begin.
        hasUnconfirmedEnd = !step.hadChecksum
        return hasUnconfirmedEnd ? .text : .endOfFrame
    }

    /// Reads more of the file behind what is unread; false when the file has ended.
    private mutating func refill(from file: inout DumpFile) throws(ReadFault) -> Bool {
        input.removeFirst(unread.lowerBound)
        let kept = input.count
        do throws(DumpError) {
            try input.append(addingCapacity: Self.inputSize - kept) { output throws(DumpError) in
                try file.read(into: &output)
            }
        } catch {
            throw .file(error)
        }
        unread = 0..<input.count
        return input.count > kept
    }

    private static func decompress(
        _ input: [UInt8],
        _ unread: Range<Int>,
        with decompressor: inout ZstdDecompressor,
        into buffer: inout [UInt8],
        atMost room: Int
    ) throws(ReadFault) -> ZstdDecompressor.Step {
        var step = ZstdDecompressor.Step()
        do throws(ZstdError) {
            try buffer.append(addingCapacity: room) { output throws(ZstdError) in
                step = try decompressor.step(input.span.extracting(unread), into: &output)
            }
        } catch {
            throw ReadFault(error)
        }
        return step
    }
}
