import BackfillCore
import Foundation
import TestSupport
import Testing

@Suite("Base64")
struct Base64TextTests {
    private func text(_ bytes: [UInt8]) -> String {
        var text = Array("before ".utf8)
        Base64Text.append(bytes.span, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// RFC 4648, section 10.
    @Test(
        "is that of the RFC",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func examples(bytes: String, expected: String) {
        #expect(text(Array(bytes.utf8)) == "before " + expected)
    }

    @Test("is that of Foundation for any bytes", arguments: 0..<50)
    func random(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let bytes = (0..<random.number(0...200)).map { _ in UInt8(random.number(0...255)) }
        #expect(text(bytes) == "before " + Data(bytes).base64EncodedString(), "seed \(seed)")
    }
}
