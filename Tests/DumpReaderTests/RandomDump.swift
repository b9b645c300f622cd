import TestSupport
import Zstd

/// A random unit: files as they lie on disk, and the lines that a reader must find in them.
struct RandomDump {
    struct File {
        var name: String
        var bytes: [UInt8]
        var frames = 0
        /// Where the lengths of the skippable frames stand, which no checksum covers.
        var unprotected: Set<Int> = []
    }

    var files: [File] = []
    var lines: [Line] = []

    init(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for index in 0..<Int.random(in: 1...4, using: &generator) {
            let text = Self.text(file: index, lines: &lines, using: &generator)
            if Int.random(in: 0..<4, using: &generator) == 0 {
                files.append(File(name: "\(index).jsonl", bytes: text))
            } else {
                files.append(try Self.compress(text, name: "\(index).zst", using: &generator))
            }
        }
    }

    private static func text(file: Int, lines: inout [Line], using generator: inout SeededGenerator) -> [UInt8] {
        var text: [UInt8] = []
        let count = Int.random(in: 0...40, using: &generator)
        let longest = [3, 40, 400].randomElement(using: &generator) ?? 40
        for number in stride(from: 1, through: count, by: 1) {
            var line = (0..<Int.random(in: 0...longest, using: &generator)).map { _ in
                UInt8.random(in: 0x61...0x7A, using: &generator)
            }
            switch Int.random(in: 0..<10, using: &generator) {
            case 0: line = []
            case 1: line.append(UInt8(ascii: "\r"))
            case 2: line.append(0)
            default: break
            }
            lines.append(Line(file: file, number: number, text: line))
            text += line + [UInt8(ascii: "\n")]
        }
        // Without its newline, a blank last line would not be there at all.
        if let last = lines.last, last.file == file, !last.text.isEmpty, Bool.random(using: &generator) {
            text.removeLast()
        }
        return text
    }

    private static func compress(
        _ text: [UInt8],
        name: String,
        using generator: inout SeededGenerator
    ) throws -> File {
        var file = File(name: name, bytes: [])
        let largest = [1, 20, 300, 5000].randomElement(using: &generator) ?? 20
        var rest = text[...]
        repeat {
            if Int.random(in: 0..<4, using: &generator) == 0 {
                file.unprotected.formUnion(file.bytes.count + 4..<file.bytes.count + 8)
                file.bytes += skippableFrame(payload: Array(text.prefix(Int.random(in: 0...30, using: &generator))))
            }
            let isEmpty = Int.random(in: 0..<6, using: &generator) == 0
            let count = isEmpty ? 0 : Int.random(in: 1...largest, using: &generator)
            var piece = Array(rest.prefix(count))
            if Bool.random(using: &generator), let newline = piece.lastIndex(of: UInt8(ascii: "\n")) {
                piece.removeLast(piece.count - newline - 1)
            }
            rest = rest.dropFirst(piece.count)
            file.bytes += try ZstdCompressor.frame(piece, level: 1)
            file.frames += 1
        } while !rest.isEmpty
        if Bool.random(using: &generator) {
            file.unprotected.formUnion(file.bytes.count + 4..<file.bytes.count + 8)
            file.bytes += skippableFrame(payload: [1, 2, 3])
        }
        return file
    }

    static func skippableFrame(payload: [UInt8]) -> [UInt8] {
        [0x5E, 0x2A, 0x4D, 0x18, UInt8(payload.count), 0, 0, 0] + payload
    }
}
