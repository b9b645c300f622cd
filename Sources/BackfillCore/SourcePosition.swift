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
