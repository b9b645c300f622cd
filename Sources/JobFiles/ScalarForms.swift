import BackfillCore

extension Form<String> {
    /// Text, verbatim: a database may be called `2026` or `no`.
    static var text: Self {
        .scalar("text", \.text)
    }

    /// Text of so many bytes of UTF-8 at most.
    static func text(maxLength: Int) -> Self {
        .scalar("text of at most \(maxLength) bytes") { $0.text.utf8.count <= maxLength ? $0.text : nil }
    }

    /// A path, made absolute.
    static var path: Self {
        .scalar { scalar, reader throws(Misfit) in
            guard !scalar.text.contains("://") else {
                throw Misfit("must be a path; this version reads no URLs")
            }
            return reader.location.absolute(scalar.text)
        }
    }
}

extension Form<Secret> {
    static var secret: Self {
        .scalar("text") { Secret($0.text) }
    }
}

extension Form<Bool> {
    static var flag: Self {
        .scalar("`true` or `false`", spellings: ["true", "false"]) { scalar in
            scalar.isPlain ? Bool(scalar.text) : nil
        }
    }
}

extension Form where Value: FixedWidthInteger {
    static func integer(in range: ClosedRange<Value>) -> Self {
        let isOpen = range.lowerBound >= 0 && Int(range.upperBound) == .max
        let upper = isOpen ? "on" : "to \(range.upperBound)"
        return .scalar("a whole number from \(range.lowerBound) \(upper)") { scalar in
            scalar.isPlain ? Value(scalar.text).flatMap { range.contains($0) ? $0 : nil } : nil
        }
    }
}

extension Form<Double> {
    /// A finite number.
    static var number: Self {
        .scalar("a number") { scalar in
            scalar.isPlain ? Double(scalar.text).flatMap { $0.isFinite ? $0 : nil } : nil
        }
    }
}

extension Form<Float> {
    /// The nearest one to a number.
    static var float: Self {
        .scalar("a number that a Float holds") { scalar in
            scalar.isPlain ? Float(scalar.text).flatMap { $0.isFinite ? $0 : nil } : nil
        }
    }
}

extension Form<[Parameter]> {
    /// Names that the person chooses, with values that the server reads.
    static var parameters: Self {
        Form { node, reader in
            Form<[String: String]>.dictionary(of: .text).read(node, reader).map { parameters in
                parameters.sorted { $0.key < $1.key }.map { Parameter($0.key, $0.value) }
            }
        }
    }
}

extension Form<Int> {
    /// A number of bytes.
    static func size(in range: ClosedRange<Int>) -> Self {
        let upper = range.upperBound == .max ? "on" : "to \(ByteSize(range.upperBound))"
        return .scalar("a size from \(ByteSize(range.lowerBound)) \(upper), written like `8MiB`") { scalar in
            ByteSize(scalar.text).flatMap { range.contains($0.bytes) ? $0.bytes : nil }
        }
    }
}

extension Form where Value: CaseIterable & RawRepresentable<String> {
    /// One of a few words.
    static var choice: Self {
        let words = Value.allCases.map(\.rawValue)
        return .scalar("one of \(words.quotedList)", spellings: words) { Value(rawValue: $0.text) }
    }
}
