import Testing

@testable import Analysis

@Suite struct BinomialIntervalTests {
    /// By scipy.stats.binom.interval.
    @Test func rangesAreThoseOfScipy() {
        let expected: [(Int, Double, Double, ClosedRange<Int>)] = [
            (10, 0.5, 0.95, 2...8), (20, 0.05, 0.99, 0...4), (100, 0.05, 0.99, 0...11), (480, 0.05, 0.99, 13...37),
            (1000, 0.05, 0.99, 33...69), (2000, 0.05, 0.99, 76...126), (100_000, 0.05, 0.99, 4823...5178),
            (100_000, 0.5, 0.95, 49690...50310), (7, 0.3, 0.9, 0...4),
        ]
        for (trials, probability, confidence, range) in expected {
            let found = BinomialInterval.central(trials: trials, probability: probability, confidence: confidence)
            #expect(found == range)
        }
    }

    @Test func certaintiesHaveOneCount() {
        #expect(BinomialInterval.central(trials: 0, probability: 0.05, confidence: 0.99) == 0...0)
        #expect(BinomialInterval.central(trials: 9, probability: 0, confidence: 0.99) == 0...0)
        #expect(BinomialInterval.central(trials: 9, probability: 1, confidence: 0.99) == 9...9)
    }

    @Test func failuresMirrorSuccesses() {
        for trials in 1...60 {
            let one = BinomialInterval.central(trials: trials, probability: 0.13, confidence: 0.9)
            let other = BinomialInterval.central(trials: trials, probability: 0.87, confidence: 0.9)
            #expect(one == (trials - other.upperBound)...(trials - other.lowerBound))
        }
    }
}
