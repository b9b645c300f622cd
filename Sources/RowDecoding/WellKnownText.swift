import BackfillCore

/// The grammar of geometries as well-known text (OGC 06-103r4): a server refuses a whole request for one that it cannot
/// read. The text itself is kept as it is.
struct WellKnownText {
    enum Kind {
        /// A point, or a polygon of one ring, of two dimensions.
        case plain
        case other
    }

    private let text: [UInt8]
    private var position = 0

    /// Checks a text.
    static func kind(of text: [UInt8]) throws(RecordFault) -> Kind {
        var parser = WellKnownText(text)
        let kind = try parser.readGeometry(depth: 0)
        parser.skipBlanks()
        guard parser.position == text.count else { throw parser.fault("the end") }
        return kind
    }

    /// Appends what decides of the geometry's text: neither blanks nor the case of letters nor the form of numbers.
    static func appendTokens(of text: [UInt8], to output: inout [UInt8]) throws(RecordFault) {
        var parser = WellKnownText(text)
        while true {
            output.append(contentsOf: parser.readWord().utf8)
            parser.skipBlanks()
            guard parser.position < text.count else { return }
            // The E of a word could begin a number.
            if isLetter(text[parser.position]) { continue }
            if let number = try parser.readNumber() {
                output.append(0)
                ArrayElements.append(number, to: &output)
            } else {
                output.append(text[parser.position])
                parser.position += 1
            }
        }
    }

    private init(_ text: [UInt8]) {
        self.text = text
    }

    // MARK: Geometries

    private mutating func readGeometry(depth: Int) throws(RecordFault) -> Kind {
        let name = readWord()
        var dimensions = 2...3
        var isTagged = false
        for (tag, count) in [("Z", 3), ("M", 3), ("ZM", 4)] where !isTagged && takeWord(tag) {
            dimensions = count...count
            isTagged = true
        }
        if takeWord("EMPTY"), Self.names.contains(name) { return .other }
        switch name {
        case "POINT":
            try expect("(")
            let point = try readPoint(&dimensions)
            try expect(")")
            return isTagged || point.count > 2 ? .other : .plain
        case "LINESTRING":
            _ = try readLine(&dimensions, atLeast: 2)
        case "POLYGON":
            let rings = try readPolygon(&dimensions)
            return isTagged || rings.count > 1 || !rings.isFlat ? .other : .plain
        case "MULTIPOINT":
            try readList { parser throws(RecordFault) in
                // Both forms are in use: with and without brackets around each point.
                let hasBracket = parser.take("(")
                _ = try parser.readPoint(&dimensions)
                if hasBracket { try parser.expect(")") }
            }
        case "MULTILINESTRING":
            try readList { parser throws(RecordFault) in _ = try parser.readLine(&dimensions, atLeast: 2) }
        case "MULTIPOLYGON":
            try readList { parser throws(RecordFault) in _ = try parser.readPolygon(&dimensions) }
        case "GEOMETRYCOLLECTION":
            guard depth < 16 else { throw .misfit("the geometry has more than 16 levels of collections") }
            try readList { parser throws(RecordFault) in _ = try parser.readGeometry(depth: depth + 1) }
        default:
            position = 0
            throw .misfit("the geometry does not begin with one of \(Self.names.joined(separator: ", "))")
        }
        return .other
    }

    private static let names = [
        "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION",
    ]

    private mutating func readPolygon(
        _ dimensions: inout ClosedRange<Int>
    ) throws(RecordFault) -> (count: Int, isFlat: Bool) {
        var count = 0
        var isFlat = true
        try readList { parser throws(RecordFault) in
            let ring = try parser.readLine(&dimensions, atLeast: 4)
            guard ring.first == ring.last else { throw .misfit("a ring of the geometry is not closed") }
            count += 1
            isFlat = isFlat && ring.first.count == 2
        }
        return (count, isFlat)
    }

    /// - Returns: the first and the last of its points.
    private mutating func readLine(
        _ dimensions: inout ClosedRange<Int>, atLeast minimum: Int
    ) throws(RecordFault) -> (first: [Double], last: [Double]) {
        var count = 0
        var first: [Double] = []
        var last: [Double] = []
        try readList { parser throws(RecordFault) in
            last = try parser.readPoint(&dimensions)
            if count == 0 { first = last }
            count += 1
        }
        guard count >= minimum else {
            throw .misfit("a line of the geometry has \(count) points, and it needs \(minimum)")
        }
        return (first, last)
    }

    private mutating func readList(
        _ readElement: (inout WellKnownText) throws(RecordFault) -> Void
    ) throws(RecordFault) {
        try expect("(")
        repeat { try readElement(&self) } while take(",")
        try expect(")")
    }

    /// - Parameter dimensions: how many coordinates a point may have; after the first one, as many as that has.
    private mutating func readPoint(_ dimensions: inout ClosedRange<Int>) throws(RecordFault) -> [Double] {
        var coordinates: [Double] = []
        while let coordinate = try readNumber() { coordinates.append(coordinate) }
        guard dimensions.contains(coordinates.count) else {
            let expected = dimensions.count == 1 ? "\(dimensions.lowerBound)" : "2 or 3"
            throw .misfit("a point of the geometry has \(coordinates.count) coordinates, and \(expected) are expected")
        }
        dimensions = coordinates.count...coordinates.count
        return coordinates
    }

    // MARK: Tokens

    /// nil where no number stands next.
    private mutating func readNumber() throws(RecordFault) -> Double? {
        skipBlanks()
        let begin = position
        while position < text.count, Self.isPartOfNumber(text[position]) { position += 1 }
        guard position > begin else { return nil }
        let word = String(decoding: text[begin..<position], as: UTF8.self)
        guard let number = Double(word), number.isFinite else {
            throw .misfit("`\(word.prefix(40))` is no coordinate of a geometry")
        }
        return number
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// The letters that stand next, in capitals.
    private mutating func readWord() -> String {
        skipBlanks()
        var word: [UInt8] = []
        while position < text.count, Self.isLetter(text[position]) {
            word.append(text[position] & 0xDF)
            position += 1
        }
        return String(decoding: word, as: UTF8.self)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte & 0xDF
    }

    private mutating func takeWord(_ word: String) -> Bool {
        let begin = position
        if readWord() == word { return true }
        position = begin
        return false
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(RecordFault) {
        guard take(character) else { throw fault("`\(character)`") }
    }

    private mutating func skipBlanks() {
        while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) { position += 1 }
    }

    private func fault(_ expected: String) -> RecordFault {
        .misfit("the geometry is not well-known text: \(expected) is expected at byte \(position + 1)")
    }
}
