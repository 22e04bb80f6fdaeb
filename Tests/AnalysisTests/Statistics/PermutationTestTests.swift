import StatorCore
import Testing

@testable import Analysis

@Suite struct PermutationTestTests {
    private static let one = [12.1, 11.4, 13.9, 12.6, 10.8, 14.2, 13.3]
    private static let other = [10.2, 9.9, 12.3, 11.1, 10.5, 11.8]

    /// Counted in Python with fractions, over all splits: 51 of 1716. SciPy says 52, as it doubles the 26 of the
    /// smaller tail instead of counting both.
    @Test func bothTailsOfSmallSamplesAreCountedExactly() {
        #expect(PermutationTest.pValue(Self.one, Self.other, seed: 0) == 51 / 1716.0)
        #expect(PermutationTest.pValue(Self.other, Self.one, seed: 0) == 51 / 1716.0)
    }

    @Test func completelySeparatedSamplesAreTheTwoMostExtremeSplits() {
        #expect(PermutationTest.pValue([1, 2, 3, 4], [11, 12, 13, 14], seed: 0) == 2 / 70.0)
        #expect(PermutationTest.pValue([5], [1, 2, 3], seed: 0) == 1 / 4.0)
    }

    @Test func equalValuesSayNothing() {
        #expect(PermutationTest.pValue([2, 2], [2, 2, 2], seed: 0) == 1)
        #expect(PermutationTest.pValue([0.1, 0.1, 0.1], [0.1, 0.1], seed: 0) == 1)
    }

    @Test func aShiftOfAllValuesChangesNothing() {
        let shifted = PermutationTest.pValue(Self.one.map { $0 + 1e6 }, Self.other.map { $0 + 1e6 }, seed: 0)
        #expect(shifted == 51 / 1716.0)
    }

    /// SciPy with 2,000,000 splits: 0.01965; of samples of equal size both tails are the same. Five standard errors of
    /// both.
    @Test func largerSamplesAreSampledNearTheExactValue() {
        let one = (0..<12).map { Double($0) }
        let other = (0..<12).map { Double($0) * 0.8 + 4.5 }
        let sampled = PermutationTest.pValue(one, other, seed: 6)
        let expected = 0.01965
        let variance: Double = expected / 100_000 + expected / 2_000_000
        #expect(abs(sampled - expected) < 5 * variance.squareRoot())
        #expect(PermutationTest.pValue(one, other, seed: 6) == sampled)
        #expect(PermutationTest.pValue(one, other, seed: 7) != sampled)
    }

    @Test func aSampledValueIsNeverZero() {
        let one = (0..<15).map { Double($0) }
        #expect(PermutationTest.pValue(one, one.map { $0 + 100 }, seed: 1) == 1 / 100_001.0)
    }

    @Test func withoutAnEffectOneInTwentyIsSignificant() {
        var random = RandomGenerator(seed: 12)
        let significant = (0..<1000).count { _ in
            let values = (0..<9).map { _ in random.normal(mean: 5, deviation: 1) }
            return PermutationTest.pValue(Array(values[..<4]), Array(values[4...]), seed: 0) <= 0.05
        }
        // 6 of the 126 splits are the most that stay within 5%.
        #expect(BinomialInterval.central(trials: 1000, probability: 6 / 126.0, confidence: 0.99).contains(significant))
    }
}
