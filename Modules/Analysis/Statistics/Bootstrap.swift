internal import StatorCore

/// Percentile-bootstrap confidence intervals: Efron & Tibshirani, "An Introduction to the Bootstrap" (Chapman & Hall,
/// 1993), chapter 13 for one sample and section 8.3 for two.
///
/// A sample is drawn again and again from its own values, with replacement; the interval lies between the quantiles of
/// the figures of these resamples. Nothing is assumed of the distribution but that the values are independent. Of small
/// samples the interval is too narrow: with 10 normal values it covers the mean in about 90% of cases instead of 95%,
/// with 25 in about 93%.
///
/// Deviations: the quantiles are interpolated (``Sample/quantile(sorted:_:)``) where the book takes an order statistic;
/// with thousands of resamples that is no difference.
///
/// The same values in the same order and the same seed make the same interval. O(resamples x (n + log resamples)).
package enum Bootstrap {
    package static let resamples = 10_000
    package static let confidence = 0.95

    /// Where the mean of the population lies.
    ///
    /// - Parameters:
    ///   - values: one or more figures (``Sample/isFigure(_:)``).
    ///   - seed: what the draws begin from.
    ///   - resamples: at least 100.
    ///   - confidence: above 0 and below 1.
    package static func meanInterval(
        of values: [Double], seed: UInt64, resamples: Int = Bootstrap.resamples,
        confidence: Double = Bootstrap.confidence
    ) -> ClosedRange<Double> {
        check(values, resamples, confidence)
        var random = RandomGenerator(seed: seed)
        return interval((0..<resamples).map { _ in resampledMean(of: values, using: &random) }, confidence)
    }

    /// Where the difference of two populations' means lies, the first minus the second. Both samples are drawn from
    /// independently of one another. Parameters as above.
    package static func differenceInterval(
        of one: [Double], minus other: [Double], seed: UInt64, resamples: Int = Bootstrap.resamples,
        confidence: Double = Bootstrap.confidence
    ) -> ClosedRange<Double> {
        check(one, resamples, confidence)
        check(other, resamples, confidence)
        var random = RandomGenerator(seed: seed)
        let differences = (0..<resamples).map { _ in
            resampledMean(of: one, using: &random) - resampledMean(of: other, using: &random)
        }
        return interval(differences, confidence)
    }

    /// Where the ratio of two populations' means lies, the first by the second. Parameters as above.
    ///
    /// - Precondition: all values are positive.
    package static func ratioInterval(
        of one: [Double], by other: [Double], seed: UInt64, resamples: Int = Bootstrap.resamples,
        confidence: Double = Bootstrap.confidence
    ) -> ClosedRange<Double> {
        check(one, resamples, confidence)
        check(other, resamples, confidence)
        precondition((one + other).allSatisfy { $0 > 0 }, "only positive values are compared by their ratio")
        var random = RandomGenerator(seed: seed)
        let ratios = (0..<resamples).map { _ in
            resampledMean(of: one, using: &random) / resampledMean(of: other, using: &random)
        }
        return interval(ratios, confidence)
    }

    private static func check(_ values: [Double], _ resamples: Int, _ confidence: Double) {
        precondition(!values.isEmpty, "an empty sample cannot be drawn from")
        precondition(values.allSatisfy { Sample.isFigure($0) }, "a sample consists of finite figures")
        precondition(resamples >= 100, "fewer than 100 resamples have no tails")
        precondition(confidence > 0 && confidence < 1, "a confidence is above 0 and below 1")
    }

    private static func resampledMean(of values: [Double], using random: inout RandomGenerator) -> Double {
        var sum = 0.0
        for _ in values.indices { sum += values[random.below(values.count)] }
        return sum / Double(values.count)
    }

    private static func interval(_ figures: [Double], _ confidence: Double) -> ClosedRange<Double> {
        let sorted = figures.sorted()
        let tail = (1 - confidence) / 2
        return Sample.quantile(sorted: sorted, tail)...Sample.quantile(sorted: sorted, 1 - tail)
    }
}
