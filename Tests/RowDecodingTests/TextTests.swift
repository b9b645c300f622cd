import BackfillCore
import RowDecoding
import Testing

@Suite("Text is taken with its escapes resolved")
struct TextTests {
    @Test("and counted in bytes of UTF-8")
    func maximumLength() throws {
        let records = try Records(value: .varChar(maxLength: 6))
        for text in ["", "abcdef", "äöü", "€€", "😀ab", #"\u00e4\u00f6\u00fc"#, #"\u20ac\u20AC"#, #"\ud83d\ude00ab"#] {
            #expect(records.fault("\"\(text)\"") == nil, "\(text)")
        }
        for (text, length) in [
            ("abcdefg", 7), ("äöüx", 7), ("€€x", 7), ("😀😀", 8), (#"\u20ac\u20acx"#, 7),
            (#"\ud83d\ude00\ud83d\ude00"#, 8),
        ] {
            #expect(
                records.fault("\"\(text)\"")
                    == "field `value`: the text has \(length) bytes of UTF-8, the field holds 6")
        }
    }

    @Test("every escape stands for its character")
    func escapes() throws {
        let records = try Records(value: .varChar(maxLength: 100))
        let cases: [(String, String)] = [
            (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"), (#"\u0041\u0000\u007f"#, "A\u{0}\u{7F}"),
            (#"\u0080\u07FF\u07ff"#, "\u{80}\u{7FF}\u{7FF}"),
            (#"\u0800\ud7ff\uE000\uffff"#, "\u{800}\u{D7FF}\u{E000}\u{FFFF}"),
            (#"\ud800\udc00"#, "\u{10000}"), (#"\uDBFF\uDFFF"#, "\u{10FFFF}"), (#"x\uD83D\uDE00y"#, "x😀y"),
            (#"\\u0041"#, #"\u0041"#), (#"\\\u0041"#, #"\A"#), (#"é\u00e9😀"#, "éé😀"), ("/", "/"),
        ]
        for (text, value) in cases {
            #expect(records.value("\"\(text)\"") == .text(value), "\(text)")
        }
    }

    @Test("every scalar of Unicode comes back, escaped or not", arguments: 0...16)
    func everyScalar(plane: UInt32) throws {
        let records = try Records(value: .varChar(maxLength: 1 << 20))
        let scalars = (plane << 16...plane << 16 | 0xFFFF).compactMap(Unicode.Scalar.init)
        var expected = String.UnicodeScalarView()
        expected.append(contentsOf: scalars)
        var escaped = ""
        var plain = ""
        for scalar in scalars {
            let unescapable = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            var codeUnits = ""
            for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
                let digits = String(unit, radix: 16)
                codeUnits += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
            escaped += codeUnits
            if unescapable { plain += codeUnits } else { plain.unicodeScalars.append(scalar) }
        }
        #expect(records.value("\"\(escaped)\"") == .text(String(expected)))
        #expect(records.value("\"\(plain)\"") == .text(String(expected)))
    }

    @Test("any other value is refused")
    func otherValues() throws {
        let records = try Records(value: .varChar(maxLength: 10))
        for (text, kind) in [
            ("1", "a number"), ("-1", "a number"), ("true", "a truth value"), ("{}", "an object"), ("[]", "an array"),
        ] {
            #expect(records.fault(text) == "field `value`: text is expected, found \(kind)")
        }
    }

    @Test("a key of text is taken the same way")
    func textKey() throws {
        let key = FieldSchema(name: "id", type: .varChar(maxLength: 4), isPrimaryKey: true)
        let chunk = try Records([key]).decode(#"{"id":"a\u0062"}"#, #"{"id":"abcde"}"#, #"{"id":1}"#, #"{"id":""}"#)
        #expect(chunk.cells("id") == [.text("ab"), .text("")])
        #expect(chunk.rejectedLines == [2, 3])
    }
}
