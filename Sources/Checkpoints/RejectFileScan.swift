import BackfillCore
import Foundation
import Glibc
import Zstd

/// What stands in a reject file, up to the append that a crash cut short.
package struct RejectFileScan {
    /// A line with the place of its record in the source.
    package struct Line {
        var unit: Int
        /// Of a place in a file only the file and the line; they alone order such places.
        var position: SourcePosition
        /// Those of the record's message.
        var topic: String
        var partition: Int
        /// The line's place in `text`, with its `\n`.
        var range: Range<Int>
    }

    /// The text of all whole frames.
    package private(set) var text: [UInt8] = []
    package private(set) var lines: [Line] = []
    /// Where the last whole frame ends, in bytes from the start of the file.
    package private(set) var length = 0
    /// Whether a frame follows there that is not whole.
    package private(set) var isTorn = false

    private let path: String

    /// Reads the file at `path`; a missing one holds nothing.
    ///
    /// - Throws: `CheckpointError.rejectFile` when this program did not write the file or it is damaged before its end.
    package init(path: String, calls: FileSystemCalls) throws(CheckpointError) {
        self.path = path
        let opened = try FileOperation.read.perform(on: path) { () throws(SystemError) in
            try OpenFile.ifPresent(path: path, flags: O_RDONLY, calls: calls)
        }
        guard let file = opened else { return }
        while try addFrame(of: file) {}
        let tail = try FileOperation.read.perform(on: path) { () throws(SystemError) in
            try file.readAll(from: length)
        }
        if tail.isEmpty { return }
        // The first frame comes into the file whole, by renaming: only a later one can be torn.
        guard length > 0 else { throw .rejectFile(path: path, .foreignBytes) }
        guard Self.beginsLikeTornFrame(tail), try !holdsWholeFrame(tail) else {
            throw .rejectFile(path: path, .damaged(offset: length))
        }
        isTorn = true
    }

    /// Adds the frame that begins at `length`; false when there is none that is whole.
    private mutating func addFrame(of file: borrowing OpenFile) throws(CheckpointError) -> Bool {
        var frame = try frameReader()
        var isFirstLineChecked = length > 0
        while frame.state == .unfinished {
            let bytes: [UInt8]
            do throws(SystemError) {
                bytes = try file.read(at: length + frame.consumed, count: 1 << 14)
            } catch {
                throw .system(.read, path: path, error)
            }
            let start = frame.text.count
            try read(bytes, into: &frame)
            // A foreign file may be one frame of any size; its first line is enough to know it.
            if !isFirstLineChecked, let end = frame.text[start...].firstIndex(of: Self.newline) {
                _ = try line(in: frame.text, 0..<end, number: 1)
                isFirstLineChecked = true
            }
        }
        guard frame.state == .whole else { return false }
        try addLines(frame.text)
        length += frame.consumed
        return true
    }

    private mutating func addLines(_ added: [UInt8]) throws(CheckpointError) {
        var start = text.count
        text += added
        while start < text.count {
            let number = lines.count + 1
            guard let end = text[start...].firstIndex(of: Self.newline) else {
                throw .rejectFile(path: path, .foreignLine(number))
            }
            lines.append(try line(in: text, start..<end + 1, number: number))
            start = end + 1
        }
    }

    private func line(in text: [UInt8], _ range: Range<Int>, number: Int) throws(CheckpointError) -> Line {
        let record: Record
        do {
            record = try JSONDecoder().decode(Record.self, from: Data(text[range]))
        } catch {
            throw .rejectFile(path: path, .foreignLine(number))
        }
        return Line(
            unit: record.error.unit, position: record.error.position, topic: record.topic, partition: record.partition,
            range: range)
    }

    /// Whether some frame in `tail` is whole, so that what stands before it was not the last append.
    private func holdsWholeFrame(_ tail: [UInt8]) throws(CheckpointError) -> Bool {
        for start in tail.indices where tail[start...].starts(with: Self.magic) {
            var frame = try frameReader()
            while frame.state == .unfinished {
                try read(tail[(start + frame.consumed)...], into: &frame)
            }
            if frame.state == .whole { return true }
        }
        return false
    }

    /// Whether `tail` can be what a crash left of an append: the beginning of a frame, with zeros for what the file
    /// system had not stored when it stored the new size of the file.
    private static func beginsLikeTornFrame(_ tail: [UInt8]) -> Bool {
        let beginning = tail.prefix(magic.count)
        let written = zip(beginning, magic).prefix { $0 == $1 }.count
        return beginning.dropFirst(written).allSatisfy { $0 == 0 }
    }

    private func frameReader() throws(CheckpointError) -> RejectFrameReader {
        do throws(ZstdError) {
            return try RejectFrameReader()
        } catch {
            throw .rejectFile(path: path, .unreadable(detail: error.description))
        }
    }

    private func read(
        _ bytes: some Collection<UInt8>,
        into frame: inout RejectFrameReader
    ) throws(CheckpointError) {
        do throws(ZstdError) {
            try frame.read(bytes)
        } catch {
            throw .rejectFile(path: path, .unreadable(detail: error.description))
        }
    }

    private static let newline = UInt8(ascii: "\n")
    private static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    private struct Record: Decodable {
        struct Place: Decodable {
            var unit: Int
            var position: SourcePosition

            private enum Member: CodingKey {
                case unit, file, line, offset
            }

            init(from decoder: any Decoder) throws {
                let members = try decoder.container(keyedBy: Member.self)
                unit = try members.decode(Int.self, forKey: .unit)
                if let offset = try members.decodeIfPresent(Int64.self, forKey: .offset) {
                    position = .offset(offset)
                } else {
                    var place = DumpPosition.start(ofFile: try members.decode(Int.self, forKey: .file))
                    place.line = try members.decode(Int.self, forKey: .line)
                    position = .line(place)
                }
            }
        }

        var topic: String
        var partition: Int
        var error: Place
    }
}
