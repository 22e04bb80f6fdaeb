import StatorCore
import Testing

@testable import Analysis

@Suite struct BootstrapTests {
    private static let values = [4.2, 5.1, 3.9, 6.0, 5.5, 4.8, 5.2, 4.4, 6.3, 5.0]

    /// scipy.stats.bootstrap with 200,000 resamples and the percentile method: 4.60 to 5.49.
    @Test func theIntervalIsThatOfScipy() {
        let interval = Bootstrap.meanInterval(of: Self.values, seed: 3)
        #expect(abs(interval.lowerBound - 4.6) < 0.03)
        #expect(abs(interval.upperBound - 5.49) < 0.03)
    }

    @Test func theSeedDecidesTheInterval() {
        let interval = Bootstrap.meanInterval(of: Self.values, seed: 3)
        #expect(Bootstrap.meanInterval(of: Self.values, seed: 3) == interval)
        #expect((4...9).contains { Bootstrap.meanInterval(of: Self.values, seed: $0) != interval })
    }

    @Test func lessConfidenceMakesANarrowerInterval() {
        let wide = Bootstrap.meanInterval(of: Self.values, seed: 3)
        let narrow = Bootstrap.meanInterval(of: Self.values, seed: 3, confidence: 0.5)
        #expect(wide.lowerBound < narrow.lowerBound && narrow.upperBound < wide.upperBound)
    }

    @Test func equalValuesLeaveNoDoubt() {
        #expect(Bootstrap.meanInterval(of: [2.5, 2.5, 2.5], seed: 1) == 2.5...2.5)
        #expect(Bootstrap.meanInterval(of: [7], seed: 1) == 7...7)
        #expect(Bootstrap.ratioInterval(of: [3, 3], by: [2, 2, 2], seed: 1) == 1.5...1.5)
        #expect(Bootstrap.differenceInterval(of: [3, 3], minus: [2, 2, 2], seed: 1) == 1...1)
    }

    /// With 25 normal values the percentile interval covers as often as Student's t with 24 degrees of freedom is
    /// within 1.96 sqrt(24 / 25): in 93.3% of cases.
    @Test func theIntervalCoversTheMeanAsOftenAsItShould() {
        var random = RandomGenerator(seed: 2024)
        let covered = (0..<400).count { trial in
            let sample = (0..<25).map { _ in random.normal(mean: 10, deviation: 3) }
            return Bootstrap.meanInterval(of: sample, seed: UInt64(trial), resamples: 400).contains(10)
        }
        #expect(BinomialInterval.central(trials: 400, probability: 0.933, confidence: 0.99).contains(covered))
    }

    /// The standard error of the difference of two means is known; the interval is 1.96 of it to either side.
    @Test func theIntervalOfADifferenceIsAsWideAsTheStandardErrorSays() {
        var random = RandomGenerator(seed: 8)
        let one = (0..<200).map { _ in random.normal(mean: 10, deviation: 2) }
        let other = (0..<100).map { _ in random.normal(mean: 4, deviation: 1) }
        func variance(_ values: [Double]) -> Double {
            let mean = Sample.mean(values)
            return Sample.mean(values.map { ($0 - mean) * ($0 - mean) })
        }
        let (errorOfOne, errorOfOther) = (variance(one) / 200, variance(other) / 100)
        let error = (errorOfOne + errorOfOther).squareRoot()
        let difference = Bootstrap.differenceInterval(of: one, minus: other, seed: 5, resamples: 4000)
        #expect(abs(difference.width / (2 * 1.96 * error) - 1) < 0.06)
        #expect(difference.contains(Sample.mean(one) - Sample.mean(other)))
        let ratio = Bootstrap.ratioInterval(of: one, by: other, seed: 5, resamples: 4000)
        #expect(ratio.contains(Sample.mean(one) / Sample.mean(other)))
        // The delta method.
        let (up, down) = (Sample.mean(one), Sample.mean(other))
        let relative = (errorOfOne / (up * up) + errorOfOther / (down * down)).squareRoot()
        let expected = 2 * 1.96 * relative * up / down
        #expect(abs(ratio.width / expected - 1) < 0.06)
    }
}

extension ClosedRange<Double> {
    fileprivate var width: Double { upperBound - lowerBound }
}
