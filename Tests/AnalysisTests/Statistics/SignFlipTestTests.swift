import StatorCore
import Testing

@testable import Analysis

@Suite struct SignFlipTestTests {
    /// Darwin's maize, 15 pairs in eighths of an inch, as Fisher worked it out in "The Design of Experiments", section
    /// 21: 863 of 32,768 choices of signs are at least as far above 0, and as many below.
    @Test func darwinsMaizeIsAsFisherCountedIt() {
        let differences: [Double] = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
        #expect(SignFlipTest.pValue(differences, seed: 0) == 2 * 863.0 / 32768)
    }

    @Test func allOfOneSignIsTheLeastThatIsPossible() {
        for count in 1...16 {
            let least = SignFlipTest.pValue((1...count).map(Double.init), seed: 0)
            #expect(least == SignFlipTest.leastPValue(pairs: count))
            #expect(least == 2 / Double(1 << count))
        }
    }

    @Test func equalSumsCountAsExtremeWhateverTheirRounding() {
        // Of the 8 sums, 0.6 and -0.6 are the greatest; 0 occurs twice, once as 0.1 + 0.2 - 0.3, which is not 0.
        #expect(SignFlipTest.pValue([0.1, 0.2, -0.3], seed: 0) == 1)
        // 0.4 occurs as 0.1 - 0.2 + ... in any order: sums of -0.4, 0.4 and those beyond.
        #expect(SignFlipTest.pValue([0.1, 0.2, 0.3, -0.1], seed: 0) == SignFlipTest.pValue([1, 2, 3, -1], seed: 0))
    }

    @Test func differencesOfNoneSayNothing() {
        #expect(SignFlipTest.pValue([], seed: 0) == 1)
        #expect(SignFlipTest.pValue([0, 0, 0], seed: 0) == 1)
        #expect(SignFlipTest.pValue([0, 1, 2, 0, 4], seed: 0) == SignFlipTest.pValue([1, 2, 4], seed: 0))
    }

    @Test func theCountIsThatOfPlainEnumeration() {
        var random = RandomGenerator(seed: 77)
        for count in [1, 2, 3, 5, 8, 11] {
            let values = (0..<count).map { _ in Double(random.below(9)) - 3 }
            let found = values.reduce(0, +).magnitude
            let extreme = (0..<(1 << count)).count { signs in
                values.indices.reduce(0.0) { $0 + (signs >> $1 & 1 == 0 ? values[$1] : -values[$1]) }.magnitude >= found
            }
            #expect(SignFlipTest.pValue(values, seed: 0) == Double(extreme) / Double(1 << count))
        }
    }

    /// The exact value, 0.080727, is from all 2^20 choices of signs, by NumPy. Five standard errors of 100,000 draws.
    @Test func manyDifferencesAreSampledNearTheExactValue() {
        let differences = [
            0.3, -0.1, 0.8, 1.2, -0.4, 0.5, 0.9, -0.2, 0.1, 0.7, -0.6, 0.4, 0.2, 1.1, -0.3, 0.6, -0.8, 0.05, 0.35,
            -0.15,
        ]
        let sampled = SignFlipTest.pValue(differences, seed: 4)
        let expected = 0.08072662353515625
        let variance: Double = expected * (1 - expected) / 100_000
        #expect(abs(sampled - expected) < 5 * variance.squareRoot())
        #expect(SignFlipTest.pValue(differences, seed: 4) == sampled)
        #expect(SignFlipTest.pValue(differences, seed: 5) != sampled)
    }

    @Test func aSampledValueIsNeverZero() {
        #expect(SignFlipTest.pValue([Double](repeating: 1, count: 70), seed: 1) == 1 / 100_001.0)
    }

    /// Each of 2,000 samples without an effect is significant at 5% with a probability of 50/1024: what 10
    /// differences allow.
    @Test func withoutAnEffectOneInTwentyIsSignificant() {
        var random = RandomGenerator(seed: 31)
        let significant = (0..<2000).count { _ in
            let values = (0..<10).map { _ in random.normal(mean: 0, deviation: 1) }
            return SignFlipTest.pValue(values, seed: 0) <= 0.05
        }
        #expect(BinomialInterval.central(trials: 2000, probability: 0.05, confidence: 0.99).contains(significant))
    }

    @Test func manyComparisonsNeedManyPairs() {
        #expect(SignFlipTest.pairsNeeded(comparisons: 1) == 6)
        #expect(SignFlipTest.pairsNeeded(comparisons: 25) == 10)
        #expect(SignFlipTest.pairsNeeded(comparisons: 26) == 11)
        #expect(SignFlipTest.pairsNeeded(comparisons: 2000) == 17)
        #expect(SignFlipTest.pairsNeeded(comparisons: 6000) == nil)
    }
}
