import BackfillCore
import Glibc

/// A 16-bit format of floating-point numbers.
struct HalfFormat {
    /// IEEE 754 binary16.
    static let float16 = HalfFormat(name: "Float16", precision: 11, minimumExponent: -14, greatest: 65504)
    /// The upper half of IEEE 754 binary32.
    static let bfloat16 = HalfFormat(name: "BFloat16", precision: 8, minimumExponent: -126, greatest: 0x1.FEp127)

    let name: String
    /// Bits of the significand, the leading one included.
    private let precision: Int
    /// Of the smallest normal number.
    private let minimumExponent: Int
    private let greatest: Double

    private init(name: String, precision: Int, minimumExponent: Int, greatest: Double) {
        self.name = name
        self.precision = precision
        self.minimumExponent = minimumExponent
        self.greatest = greatest
    }

    /// nil for a vector of other elements.
    init?(_ element: VectorElement) {
        switch element {
        case .float16: self = .float16
        case .bfloat16: self = .bfloat16
        case .float, .int8, .binary: return nil
        }
    }

    /// Where a number lies between its two neighbours in the format.
    struct Neighbours {
        var lower: Double
        var step: Double
        /// 0 at the lower neighbour, 1 at the upper one. Exact.
        var fraction: Double

        /// The neighbour that is chosen where the number lies in the middle: the one whose last bit is zero.
        var even: Double { (lower / step).remainder(dividingBy: 2) == 0 ? lower : lower + step }
    }

    /// - Parameter magnitude: not negative, and finite.
    func neighbours(of magnitude: Double) -> Neighbours {
        let exponent = max(magnitude == 0 ? minimumExponent : Int(magnitude.exponent), minimumExponent)
        let step = Double(sign: .plus, exponent: exponent - precision + 1, significand: 1)
        // Both are exact: the step is a power of two, far from the ends of a Double's range.
        let steps = magnitude / step
        let whole = steps.rounded(.down)
        return Neighbours(lower: whole * step, step: step, fraction: steps - whole)
    }

    /// The bits of a number that the format has exactly; nil when it is too large.
    func bits(of magnitude: Double, isNegative: Bool) -> UInt16? {
        guard magnitude <= greatest else { return nil }
        let value = isNegative ? -magnitude : magnitude
        // Exact, as the format has the number.
        return precision == 8 ? UInt16(Float(value).bitPattern >> 16) : Float16(value).bitPattern
    }

    func isFinite(_ bits: UInt16) -> Bool {
        let exponent: UInt16 = precision == 8 ? 0x7F80 : 0x7C00
        return bits & exponent != exponent
    }
}

extension JSONScanner {
    /// Takes a number as the nearest one of a 16-bit format; one in the middle between two goes to the even one.
    mutating func scanHalf(_ bytes: Span<UInt8>, _ format: HalfFormat) throws(RecordFault) -> UInt16 {
        let number = try scanNumber(bytes)
        let magnitude = nearestHalf(number, bytes, format)
        guard let bits = format.bits(of: magnitude, isNegative: number.isNegative) else {
            throw .misfit("\(text(number, bytes)) does not fit a \(format.name)")
        }
        return bits
    }

    /// The magnitude, rounded to the format's precision but not to its range.
    private func nearestHalf(_ number: ScannedNumber, _ bytes: Span<UInt8>, _ format: HalfFormat) -> Double {
        if number.hasExactDigits,
            let approximation = PowersOfTen.approximation(digits: number.digits, exponent: number.exponent)
        {
            let place = format.neighbours(of: approximation)
            // The approximation is off by less than two units in a Double's last place, which has 53 bits where the
            // format has at most 11: far less than the distance that is asked for here.
            if abs(place.fraction - 0.5) > 0x1p-32 {
                return place.fraction < 0.5 ? place.lower : place.lower + place.step
            }
        }
        let nearest = abs(Self.nearestDouble(number, bytes))
        guard nearest.isFinite else { return nearest }
        let place = format.neighbours(of: nearest)
        // A middle is a Double, so the nearest Double lies on the number's side of it, or is the middle itself.
        guard place.fraction == 0.5 else { return place.fraction < 0.5 ? place.lower : place.lower + place.step }
        let (below, above) = bounds(number, bytes)
        if above > nearest { return place.lower + place.step }
        return below < nearest ? place.lower : place.even
    }

    /// The magnitude's next smaller and next larger Doubles, which are one where a Double is the number itself.
    private func bounds(_ number: ScannedNumber, _ bytes: Span<UInt8>) -> (below: Double, above: Double) {
        let mode = fegetround()
        defer { fesetround(mode) }
        // The C library converts in the direction that is set for the thread, which nothing between here and the
        // restored one depends on.
        fesetround(FE_DOWNWARD)
        let smaller = Self.nearestDouble(number, bytes)
        fesetround(FE_UPWARD)
        let larger = Self.nearestDouble(number, bytes)
        return number.isNegative ? (-larger, -smaller) : (smaller, larger)
    }
}
