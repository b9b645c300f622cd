import Foundation

/// What a sample says of everything it was drawn from.
public enum DifferenceBound {
    /// How sure the bound is.
    public static let confidence = 0.95

    /// The largest share of differing keys with which so few would be found in a sample by no less than a chance of 5 %
    /// (Clopper and Pearson's exact bound on one side; without any difference about 3 divided by the sample's size).
    public static func share(differences: Int, of sample: Int) -> Double {
        guard sample > 0, differences < sample else { return 1 }
        var (low, high) = (Double(differences) / Double(sample), 1.0)
        // Each step halves what is left of an interval of at most 1.
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if chance(ofAtMost: differences, of: sample, share: middle) > 1 - confidence {
                low = middle
            } else {
                high = middle
            }
        }
        return high
    }

    /// Of the binomial distribution.
    private static func chance(ofAtMost count: Int, of sample: Int, share: Double) -> Double {
        guard share > 0 else { return 1 }
        guard share < 1 else { return 0 }
        // Terms by their logarithms: alone they are too small for a Double.
        let (inside, outside) = (log(share), log1p(-share))
        var term = Double(sample) * outside
        var sum = exp(term)
        for index in stride(from: 1, through: count, by: 1) {
            term += log(Double(sample - index + 1) / Double(index)) + inside - outside
            sum += exp(term)
        }
        return sum
    }
}
