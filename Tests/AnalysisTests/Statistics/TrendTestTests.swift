import StatorCore
import Testing

@testable import Analysis

/// Taus and exact p-values by scipy.stats.kendalltau; approximate ones by the formulas of Kendall, in Python.
@Suite struct TrendTestTests {
    private func expect(
        _ series: [Double], tau: Double, pValue: Double, location: SourceLocation = #_sourceLocation
    ) {
        let test = TrendTest(series)
        #expect(abs(test.tau - tau) < 1e-12, sourceLocation: location)
        #expect(abs(test.pValue / pValue - 1) < 1e-9, sourceLocation: location)
    }

    @Test func shortSeriesWithoutTiesAreExact() {
        expect([3, 1, 4, 2, 5], tau: 0.4, pValue: 0.48333333333333334)
        expect([1, 2, 3, 4, 5], tau: 1, pValue: 2 / 120.0)
        expect([5, 4, 3, 2, 1], tau: -1, pValue: 2 / 120.0)
        expect([5.1, 4.8, 6.2, 6.0, 7.1, 6.9, 7.7, 8.2], tau: 0.7857142857142857, pValue: 0.005505952380952381)
    }

    @Test func longerSeriesWithoutTiesAreExact() {
        // The order of sin(2.3 i) + i / 100.
        let order = Self.wave
        #expect(order.count == 60)
        expect(order, tau: 0.15819209039548024, pValue: 0.07508921151657766)
    }

    @Test func tiesLessenTheVariance() {
        expect([1, 1, 2, 2, 3, 3, 2, 4, 4, 5], tau: 0.835467353046005, pValue: 0.0017747759975943317)
        expect([0, 0, 0, 0, 1, 0, 0, 2], tau: 0.4717281765248632, pValue: 0.18844541724270628)
    }

    @Test func aConstantSeriesHasNoTrend() {
        #expect(TrendTest([3, 3, 3, 3, 3]).tau == 0)
        #expect(TrendTest([3, 3, 3, 3, 3]).pValue == 1)
    }

    @Test func theApproximationMeetsTheExactValueWhereTheyTakeTurns() {
        let rising = (0..<100).map { Double(($0 * 37) % 101) + Double($0) / 4 }
        let exact = TrendTest(rising)
        // One point more in the middle of all is above and below as many as before.
        let approximate = TrendTest(rising + [Sample.median(rising) + 1e-6])
        #expect(abs(exact.tau - approximate.tau) < 0.02)
        #expect(abs(exact.pValue - approximate.pValue) < 0.03)
    }

    @Test func withoutATrendOneInTwentyIsSignificant() {
        var random = RandomGenerator(seed: 9)
        let significant = (0..<1000).count { _ in TrendTest((0..<20).map { _ in random.fraction() }).pValue <= 0.05 }
        #expect(BinomialInterval.central(trials: 1000, probability: 0.048, confidence: 0.99).contains(significant))
    }

    private static let wave: [Double] = [
        22, 41, 0, 35, 30, 2, 44, 18, 16, 45, 3, 31, 40, 1, 43, 29, 7, 52, 17, 21, 48, 5, 33, 38, 4, 47, 27, 11, 54,
        14, 28, 50, 6, 42, 37, 8, 53, 25, 20, 56, 13, 32, 51, 9, 46, 36, 12, 57, 24, 26, 58, 15, 39, 49, 10, 55, 34,
        19, 59, 23,
    ]
}
