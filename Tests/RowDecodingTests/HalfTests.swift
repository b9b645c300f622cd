import BackfillCore
import RowDecoding
import TestSupport
import Testing

@Suite("A number of a 16-bit format becomes the nearest value")
struct HalfTests {
    private static let models = [HalfModel.float16, .bfloat16]

    /// Numbers that are decoded as the elements of one vector.
    private static let batch = 512

    /// Expects each text to become its bits, and the text with a minus sign to become the negative number.
    private func expect(
        _ cases: [(text: String, bits: UInt16)], _ model: HalfModel, location: SourceLocation = #_sourceLocation
    ) throws {
        for begin in stride(from: 0, to: cases.count, by: Self.batch) {
            let batch = cases[begin..<min(cases.count, begin + Self.batch)]
            let texts = batch.flatMap { [$0.text, "-\($0.text)"] }
            let expected = batch.flatMap { [$0.bits, $0.bits | 0x8000] }
            let records = try Records(value: model.type(dimension: texts.count))
            let chunk = records.decode(value: "[\(texts.joined(separator: ","))]")
            #expect(chunk.reasons == [], sourceLocation: location)
            let bytes = chunk.columns[1].bytes
            try #require(bytes.count == 2 * expected.count, sourceLocation: location)
            for (index, bits) in expected.enumerated() {
                let found = UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8
                guard found != bits else { continue }
                let hex = String(found, radix: 16)
                Issue.record(
                    "\(texts[index]) became \(hex) and not \(String(bits, radix: 16))", sourceLocation: location)
            }
        }
    }

    @Test("and every value gives its bits back, however it is written", arguments: models)
    func roundTrip(model: HalfModel) throws {
        var cases: [(text: String, bits: UInt16)] = []
        for bits in 1..<model.infinity {
            let exact = model.value(bits)
            let hasPoint = exact.plain.contains(".")
            let shortest =
                model.element == .float16 ? "\(Float16(bitPattern: bits))" : "\(Float(bitPattern: UInt32(bits) << 16))"
            let texts = [
                exact.plain, exact.scientific, exact.plain + (hasPoint ? "000" : ".000"),
                exact.scientific.replacing("e", with: "E").replacing("E-", with: "E-0"), shortest,
            ]
            cases += texts.map { ($0, bits) }
        }
        try expect(cases, model)
    }

    @Test("the middle between two goes to the even one, anything beside it to its side", arguments: models)
    func middles(model: HalfModel) throws {
        var cases: [(text: String, bits: UInt16)] = []
        for bits in 0..<model.infinity - 1 {
            let middle = model.middle(above: bits)
            let even = bits.isMultiple(of: 2) ? bits : bits + 1
            cases += [(middle.plain, even), (middle.scientific, even)]
            for places in [1, 10, 20, 40] {
                cases.append((middle.more(places: places).scientific, bits + 1))
                cases.append((middle.less(places: places).scientific, bits))
            }
        }
        try expect(cases, model)
    }

    @Test("so does a text of any length beside the middle", arguments: models, UInt64(1)...5)
    func longTexts(model: HalfModel, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var cases: [(text: String, bits: UInt16)] = []
        for _ in 0..<200 {
            let bits = UInt16(random.number(0...Int(model.infinity) - 2))
            let middle = model.middle(above: bits)
            let places = random.number(1...900)
            cases.append((middle.more(places: places).plain, bits + 1))
            cases.append((middle.less(places: places).plain, bits))
            // Cut off, the middle is a little less, or all of it.
            let count = random.number(1...60)
            guard middle.digits.count > count + 4, count > 8 else { continue }
            cases.append((middle.cut(toDigits: count).scientific, bits))
        }
        try expect(cases, model)
    }

    @Test("a random number goes to the nearer neighbour", arguments: models, UInt64(1)...10)
    func randomNumbers(model: HalfModel, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var cases: [(text: String, bits: UInt16)] = []
        while cases.count < 3000 {
            let text = RandomNumberText.any(&random)
            guard !text.hasPrefix("-"), let value = Double(text) else { continue }
            // Of what lies close to a middle a Double does not know the side.
            guard let bits = nearest(value, model) else { continue }
            cases.append((text, bits))
        }
        try expect(cases, model)
    }

    /// The bits by comparison with the middles, nil for a number near one and for one that is too large.
    private func nearest(_ value: Double, _ model: HalfModel) -> UInt16? {
        var (low, high) = (UInt16(0), model.infinity)
        while low < high {
            let bits = (low + high) / 2
            guard let middle = Double(model.middle(above: bits).scientific) else { return nil }
            if abs(value - middle) <= 1e-12 * middle { return nil }
            if value < middle { high = bits } else { low = bits + 1 }
        }
        return low < model.infinity ? low : nil
    }

    @Test("zero keeps its sign, and what is nearer to zero than to any other becomes zero", arguments: models)
    func zero(model: HalfModel) throws {
        let half = model.middle(above: 0)
        let texts = [
            "0", "0.0", "0e5", "0.000e-400", "1e-400", "1e-50", half.plain, half.scientific,
            half.less(places: 1).plain, half.less(places: 50).scientific,
        ]
        try expect(texts.map { ($0, 0) }, model)
        try expect([half.more(places: 1), half.more(places: 200), model.value(1)].map { ($0.plain, 1) }, model)
    }

    @Test("the greatest value is kept, and what would round to a greater one is refused", arguments: models)
    func greatest(model: HalfModel) throws {
        let greatest = model.infinity - 1
        let limit = model.middle(above: greatest)
        let kept = [1, 5, 10, 20, 40, 300].flatMap {
            [limit.less(places: $0).plain, limit.less(places: $0).scientific]
        }
        try expect(kept.map { ($0, greatest) }, model)
        let records = try Records(value: model.type(dimension: 1))
        let refused = [
            limit.plain, limit.scientific, limit.more(places: 1).plain, limit.more(places: 40).scientific, "1e40",
            "3.4028235677973366e38", "1e308", "1e309", "1e99999", "1" + String(repeating: "0", count: 500),
        ]
        for text in refused {
            for text in [text, "-\(text)"] {
                let shown = text.count > 40 ? text.prefix(40) + "…" : text[...]
                #expect(records.fault("[\(text)]") == "field `value`: \(shown) does not fit a \(model.name)")
            }
        }
    }

    @Test("as the limits of Float16 are known")
    func knownValues() throws {
        let cases: [(text: String, bits: UInt16)] = [
            ("65504", 0x7BFF), ("65519", 0x7BFF), ("65519.999999999999", 0x7BFF), ("1", 0x3C00), ("2", 0x4000),
            ("0.333251953125", 0x3555), ("0.1", 0x2E66), ("6.103515625e-5", 0x0400), ("6.097555160522461e-5", 0x03FF),
            ("5.960464477539063e-8", 0x0001), ("2.98e-8", 0x0000), ("2.9802322387695313e-8", 0x0001),
            ("2.98023223876953125e-8", 0x0000), ("2049", 0x6800), ("2051", 0x6802), ("2049.0000000001", 0x6801),
        ]
        try expect(cases, .float16)
        let records = try Records(value: .vector(.float16, dimension: 1))
        #expect(records.fault("[65520]") == "field `value`: 65520 does not fit a Float16")
    }

    @Test("as the limits of BFloat16 are known")
    func knownBrainValues() throws {
        let cases: [(text: String, bits: UInt16)] = [
            ("1", 0x3F80), ("3.140625", 0x4049), ("3.14159265", 0x4049), ("0.1", 0x3DCD), ("257", 0x4380),
            ("259", 0x4382), ("257.00000000000000000001", 0x4381), ("338953138925153547590470800371487866880", 0x7F7F),
            ("3.395e38", 0x7F7F), ("1.1754943508222875e-38", 0x0080), ("9.183549615799121e-41", 0x0001),
            ("4.591774807899561e-41", 0x0001), ("4.59177480789956e-41", 0x0000),
        ]
        try expect(cases, .bfloat16)
        let records = try Records(value: .vector(.bfloat16, dimension: 1))
        #expect(records.fault("[3.3962e38]") == "field `value`: 3.3962e38 does not fit a BFloat16")
    }
}
