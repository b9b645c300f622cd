import Testing
import Verification

struct DifferenceBoundTests {
    @Test func withoutDifferencesTheBoundIsAboutThreeDividedByTheSample() {
        // 1 - 0.05^(1/n)
        #expect(abs(DifferenceBound.share(differences: 0, of: 3000) - 0.000_998_07) < 1e-8)
        #expect(abs(DifferenceBound.share(differences: 0, of: 10) - 0.258_865_6) < 1e-6)
    }

    /// By exact sums of the binomial distribution.
    @Test(arguments: [(1, 10, 0.394_163), (5, 10, 0.777_559), (2, 50, 0.120_614), (10, 1000, 0.016_903_2)])
    func withDifferencesItIsTheExactOne(differences: Int, sample: Int, share: Double) {
        #expect(abs(DifferenceBound.share(differences: differences, of: sample) - share) < 1e-5)
    }

    @Test func whereNothingIsKnownTheBoundIsAll() {
        #expect(DifferenceBound.share(differences: 0, of: 0) == 1)
        #expect(DifferenceBound.share(differences: 7, of: 7) == 1)
    }
}
