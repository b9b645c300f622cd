/// A place between two lines of a dump: where reading goes on after a restart.
public struct DumpPosition: Sendable, Hashable, Codable {
    /// Index of the file in the unit.
    public var file: Int
    /// Number of the zstd frame in the file, from 1; 1 in a plain file.
    public var frame: Int
    /// Where that frame begins, in bytes from the start of the file as it lies on disk.
    public var frameOffset: Int
    /// Bytes of text between the frame's beginning and this place.
    public var textOffset: Int
    /// Number of the line that begins here, from 1.
    public var line: Int

    public init(file: Int, frame: Int, frameOffset: Int, textOffset: Int, line: Int) {
        self.file = file
        self.frame = frame
        self.frameOffset = frameOffset
        self.textOffset = textOffset
        self.line = line
    }

    /// The first line of a file.
    public static func start(ofFile file: Int) -> DumpPosition {
        DumpPosition(file: file, frame: 1, frameOffset: 0, textOffset: 0, line: 1)
    }
}

extension DumpPosition: Comparable {
    public static func < (left: DumpPosition, right: DumpPosition) -> Bool {
        (left.file, left.line) < (right.file, right.line)
    }
}

/// Where reading of a unit goes on after a restart.
public enum SourcePosition: Sendable, Hashable {
    case line(DumpPosition)
    /// The offset of the next message.
    case offset(Int64)
}

extension SourcePosition: Comparable {
    /// Positions of one unit are ordered; those of different kinds of sources never meet.
    public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        switch (left, right) {
        case (.line(let left), .line(let right)): left < right
        case (.offset(let left), .offset(let right)): left < right
        case (.line, .offset), (.offset, .line):
            preconditionFailure("A position in a file was compared with an offset.")
        }
    }
}

extension SourcePosition: Codable {
    /// An offset is a number, a place in a file an object.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let offset = try? container.decode(Int64.self) {
            self = .offset(offset)
        } else {
            self = .line(try container.decode(DumpPosition.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .offset(let offset): try container.encode(offset)
        case .line(let position): try container.encode(position)
        }
    }
}
