internal import StatorCore

/// The two-sided permutation test of two independent samples: do their means differ?
///
/// If both come from one distribution, every way to split the values into samples of these sizes was as probable. The
/// p-value is the share of the splits under which the means are at least as far apart as they were found: Pitman,
/// "Significance tests which may be applied to samples from any populations" (Supplement to the Journal of the Royal
/// Statistical Society 4(1), 1937). All splits are counted where there are no more than ``exactSplits``; above,
/// ``samples`` of them are drawn and the one that was found is counted among them (Phipson & Smyth 2010, as in
/// ``SignFlipTest``).
package enum PermutationTest {
    package static let exactSplits = 100_000
    package static let samples = 100_000

    /// How probable such a difference of means, or a greater one, is where there is no effect; 1 if all values are
    /// equal.
    ///
    /// Exact: O(splits). Sampled: O(samples x size of the smaller sample).
    ///
    /// - Parameters:
    ///   - one: one or more figures (``Sample/isFigure(_:)``).
    ///   - other: the same.
    ///   - seed: what the draws begin from; not used by the exact test.
    package static func pValue(_ one: [Double], _ other: [Double], seed: UInt64) -> Double {
        precondition(!one.isEmpty && !other.isEmpty, "an empty sample cannot be compared")
        precondition((one + other).allSatisfy { Sample.isFigure($0) }, "a sample consists of finite figures")
        // Around the common mean, the sum of either sample says how far apart the means are.
        let (less, more) = one.count <= other.count ? (one, other) : (other, one)
        let mean = Sample.mean(less + more)
        let values = (less + more).map { $0 - mean }
        let threshold = values[..<less.count].reduce(0, +).magnitude - rounding(of: values, around: mean)
        if threshold <= 0 { return 1 }
        let splits = splits(of: values.count, choosing: less.count)
        guard splits <= exactSplits else {
            return sampled(values, less.count, threshold, RandomGenerator(seed: seed))
        }
        let extreme = extremeSplits(of: values[...], choosing: less.count, sum: 0, threshold)
        return Double(extreme) / Double(splits)
    }

    /// By how much equal sums of centred values may differ: by the rounding of the sums, and of the centring where the
    /// values lie close together far from 0.
    private static func rounding(of values: [Double], around mean: Double) -> Double {
        let magnitude = values.reduce(0) { $0 + $1.magnitude }
        return SignFlipTest.tolerance * magnitude + 4 * Double(values.count) * mean.ulp
    }

    /// n over k, or more than ``exactSplits`` where it is that.
    private static func splits(of count: Int, choosing chosen: Int) -> Int {
        var splits = 1
        for step in 0..<chosen {
            // Grows with each step, as no more than half are chosen; always divisible.
            splits = splits * (count - step) / (step + 1)
            if splits > exactSplits { return splits }
        }
        return splits
    }

    private static func extremeSplits(
        of values: ArraySlice<Double>, choosing chosen: Int, sum: Double, _ threshold: Double
    ) -> Int {
        if chosen == 0 { return sum.magnitude >= threshold ? 1 : 0 }
        var extreme = 0
        for place in values.startIndex...(values.endIndex - chosen) {
            extreme += extremeSplits(
                of: values[(place + 1)...], choosing: chosen - 1, sum: sum + values[place], threshold)
        }
        return extreme
    }

    /// Draws the smaller sample by the first steps of a shuffle. It needs no fresh order to begin from.
    private static func sampled(
        _ centred: [Double], _ chosen: Int, _ threshold: Double, _ generator: RandomGenerator
    ) -> Double {
        var random = generator
        var values = centred
        var extreme = 0
        for _ in 0..<samples {
            var sum = 0.0
            for place in 0..<chosen {
                values.swapAt(place, place + random.below(values.count - place))
                sum += values[place]
            }
            if sum.magnitude >= threshold { extreme += 1 }
        }
        return Double(extreme + 1) / Double(samples + 1)
    }
}
