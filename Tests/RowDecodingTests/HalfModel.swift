import BackfillCore
import Testing

/// What the bits of a 16-bit format stand for, in exact decimals.
struct HalfModel: Sendable, CustomTestStringConvertible {
    static let float16 = HalfModel(element: .float16, name: "Float16", significandBits: 10, lastStep: -24)
    static let bfloat16 = HalfModel(element: .bfloat16, name: "BFloat16", significandBits: 7, lastStep: -133)

    let element: VectorElement
    let name: String
    /// Bits that are stored of a significand.
    let significandBits: Int
    /// The power of two that the smallest subnormal number is.
    let lastStep: Int

    /// The bits of infinity, and one more than those of the greatest number.
    var infinity: UInt16 { (0x7FFF >> significandBits) << significandBits }

    /// The whole number of steps that a positive number is, and the power of two that a step is.
    private func steps(_ bits: UInt16) -> (count: UInt64, exponent: Int) {
        let exponent = Int(bits >> significandBits)
        let significand = UInt64(bits) & (1 << significandBits - 1)
        return exponent == 0
            ? (significand, lastStep) : (significand | 1 << significandBits, lastStep + exponent - 1)
    }

    /// A positive number.
    func value(_ bits: UInt16) -> ExactDecimal {
        let (count, exponent) = steps(bits)
        return ExactDecimal(count, timesTwoTo: exponent)
    }

    /// The middle between a number and the next larger one, or the one that would be next.
    func middle(above bits: UInt16) -> ExactDecimal {
        let (count, exponent) = steps(bits)
        return ExactDecimal(2 * count + 1, timesTwoTo: exponent - 1)
    }

    func type(dimension: Int) -> FieldType { .vector(element, dimension: dimension) }

    /// What the column holds for these bits.
    static func cell(_ bits: [UInt16]) -> Cell {
        .bytes(bits.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] })
    }

    var testDescription: String { name }
}
