import BackfillCore
import DumpReader

/// Everything that a reader gave, up to the end or an error.
struct Reading {
    var chunks: [LineChunk] = []
    var error: DumpError?
    /// Where the reader stood when it had nothing more to give.
    var position: DumpPosition

    init(
        _ files: [CheckpointDocument.SourceFile],
        from position: DumpPosition = .start(ofFile: 0),
        limits: DumpLimits = DumpLimits()
    ) {
        var reader = DumpReader(files: files, from: position, limits: limits)
        do {
            while let chunk = try reader.nextChunk() { chunks.append(chunk) }
        } catch {
            self.error = error
        }
        self.position = reader.linePosition
    }

    var text: [UInt8] { chunks.flatMap(\.bytes) }
}

/// A line, known by its file and number.
struct Line: Hashable, CustomStringConvertible {
    var file: Int
    var number: Int
    var text: [UInt8]

    var description: String {
        "\(file):\(number): \(String(decoding: text.prefix(60), as: UTF8.self).debugDescription)"
    }
}

extension LineChunk {
    var lines: [Line] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().enumerated().map {
            Line(file: start.file, number: start.line + $0.offset, text: Array($0.element))
        }
    }
}

extension Reading {
    var lines: [Line] { chunks.flatMap(\.lines) }
}
