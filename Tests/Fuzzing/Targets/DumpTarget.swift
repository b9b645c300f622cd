import BackfillCore
import DumpReader
import Foundation
import TestSupport
import Zstd

/// Files of a dump. The first byte chooses whether the others are the file, or its text in frames: each part of it up to
/// a zero byte is then one frame.
struct DumpTarget: FuzzTarget {
    private static let longestLine = 300
    /// A frame of a few bytes may hold more lines than a run has time for.
    private static let mostChunks = 2000

    private struct Reading {
        var chunks: [LineChunk] = []
        var text: [UInt8] = []
        var error: DumpError?
        var isCut = false
    }

    private let path = FileManager.default.temporaryDirectory.appending(path: "dump").path(percentEncoded: false)

    init() throws {
        try write([], to: path)
    }

    func run(_ input: [UInt8]) {
        guard let choice = input.first else { return }
        guard choice & 1 == 1 else { return run(file: Array(input.dropFirst()), text: nil) }
        let parts = input.dropFirst().split(separator: 0, omittingEmptySubsequences: false)
        let frames = parts.flatMap { part in (try? ZstdCompressor.frame(Array(part), level: 1)) ?? [] }
        run(file: frames, text: parts.flatMap(\.self).asWholeLines)
    }

    /// - Parameter text: what the file holds; nil when that is not known.
    private func run(file: [UInt8], text: [UInt8]?) {
        let files: [CheckpointDocument.SourceFile]
        do {
            try write(file, to: path)
            files = try SourceCatalog.files(matching: [path])
        } catch {
            return require(error is DumpError, "\(error)")
        }
        let checked = read(files, DumpLimits(chunkSize: 64, maximumLineLength: Self.longestLine))
        let streamed = read(
            files, DumpLimits(chunkSize: 1000, maximumLineLength: Self.longestLine, verifiedFrameSize: 0))
        guard !checked.isCut, !streamed.isCut else { return }
        if let text {
            require(text.starts(with: checked.text), "nothing is read that was not written")
            let isTooLong = text.lines.contains { $0.count > Self.longestLine }
            require(
                (checked.error != nil) == isTooLong, "a sound dump is read to its end: \(checked.error, default: "")")
            require(isTooLong || checked.text == text, "what is read is what was written")
        }
        require((checked.error == nil) == (streamed.error == nil), "a fault is one for every reader")
        require(streamed.text.starts(with: checked.text), "what is held back until it is checked is the same text")
        guard checked.error == nil else { return }
        require(checked.text == streamed.text, "a sound file has one text")
        guard !checked.chunks.isEmpty else { return }
        let middle = checked.chunks[checked.chunks.count / 2]
        let rest = read(
            files, from: middle.end, DumpLimits(chunkSize: 1, maximumLineLength: Self.longestLine))
        let before = checked.chunks[...(checked.chunks.count / 2)].map(\.bytes.count).reduce(0, +)
        require(rest.isCut || rest.error == nil, "a sound file can be read on")
        let expected = checked.text[before...]
        require(rest.isCut ? expected.starts(with: rest.text) : expected == rest.text[...], "reading on gives the rest")
    }

    private func read(
        _ files: [CheckpointDocument.SourceFile], from start: DumpPosition = .start(ofFile: 0), _ limits: DumpLimits
    ) -> Reading {
        var reading = Reading()
        var reader = DumpReader(files: files, from: start, limits: limits)
        do throws(DumpError) {
            while let chunk = try reader.nextChunk() {
                require(chunk.bytes.last == UInt8(ascii: "\n"), "a chunk ends with a line")
                require(
                    chunk.bytes.lines.allSatisfy { $0.count <= limits.maximumLineLength }, "no line is beyond the limit"
                )
                require(
                    chunk.bytes.count <= limits.chunkSize + limits.maximumLineLength + 1, "a chunk is of bounded size")
                require(reading.chunks.last.map { $0.end == chunk.start } ?? true, "chunks join")
                reading.text += chunk.bytes
                reading.chunks.append(chunk)
                guard reading.chunks.count < Self.mostChunks else {
                    reading.isCut = true
                    return reading
                }
            }
        } catch {
            require(!error.description.isEmpty, "an error has words")
            reading.error = error
        }
        return reading
    }
}
