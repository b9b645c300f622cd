import BackfillCore

extension [UInt8] {
    /// The text as a reader of dumps gives it: every line with its line feed.
    var asWholeLines: [UInt8] { isEmpty || last == UInt8(ascii: "\n") ? self : self + [UInt8(ascii: "\n")] }

    /// The lines of such a text, without their line feeds.
    var lines: [ArraySlice<UInt8>] {
        split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
    }
}

extension ArraySlice<UInt8> {
    /// Whether it is a line that is passed over.
    var isBlank: Bool { allSatisfy { [0x20, 0x09, 0x0D].contains($0) } }
}

extension LineChunk {
    init(_ bytes: [UInt8], firstLine: Int = 1) {
        self.init(
            bytes: bytes,
            start: DumpPosition(file: 0, frame: 1, frameOffset: 0, textOffset: 0, line: firstLine),
            end: .start(ofFile: 1), bytesOnDisk: bytes.count)
    }
}
