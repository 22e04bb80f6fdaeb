internal import StatorCore

/// The two-sided paired randomisation test: do paired differences spread around 0?
///
/// If a change does nothing, each difference could as well have had the other sign. The p-value is the share of all
/// choices of signs under which the sum is at least as far from 0 as the one that was found: Fisher, "The Design of
/// Experiments" (1935), section 21; Pitman, "Significance tests which may be applied to samples from any populations"
/// (Supplement to the Journal of the Royal Statistical Society 4(1), 1937). Nothing is assumed but that the
/// distribution of the differences is symmetric where there is no effect.
///
/// With up to ``exactPairs`` differences that are not 0 all choices of signs are counted; those of 0 have no sign and
/// change nothing. Above, ``samples`` choices are drawn, and the one that was found is counted among them, which keeps
/// the test valid: Phipson & Smyth, "Permutation p-values should never be zero" (Statistical Applications in Genetics
/// and Molecular Biology 9(1), 2010).
package enum SignFlipTest {
    package static let exactPairs = 16
    package static let samples = 100_000

    /// Sums are equal if they differ by less than this part of the sum of magnitudes: equal sums, added up in another
    /// order, differ by rounding only, and have to count as equally extreme.
    static let tolerance = 1e-12

    /// How probable such a sum, or one further from 0, is where there is no effect; 1 if all differences are 0.
    ///
    /// Exact: O(2^(n/2) n). Sampled: O(samples x n).
    ///
    /// - Parameters:
    ///   - differences: figures (``Sample/isFigure(_:)``).
    ///   - seed: what the draws begin from; not used by the exact test.
    package static func pValue(_ differences: [Double], seed: UInt64) -> Double {
        precondition(differences.allSatisfy { Sample.isFigure($0) }, "differences are finite figures")
        let signed = differences.filter { $0 != 0 }
        let magnitude = signed.reduce(0) { $0 + $1.magnitude }
        let threshold = signed.reduce(0, +).magnitude - tolerance * magnitude
        if threshold <= 0 { return 1 }
        return signed.count <= exactPairs
            ? exact(signed, threshold) : sampled(signed, threshold, RandomGenerator(seed: seed))
    }

    /// The least p-value that this many differences can give: 2^(1 - pairs), or what the sampled test can resolve.
    ///
    /// - Parameter pairs: of which the difference is not 0; at least 0.
    package static func leastPValue(pairs: Int) -> Double {
        precondition(pairs >= 0, "a count is not negative")
        if pairs == 0 { return 1 }
        return pairs <= exactPairs
            ? Double(sign: .plus, exponent: 1 - pairs, significand: 1) : 1 / Double(samples + 1)
    }

    /// How many pairs each of some comparisons needs at least, so that one can stay significant after Holm's
    /// correction; `nil` if no number is enough.
    ///
    /// - Parameters:
    ///   - comparisons: made together, at least 1.
    ///   - significance: above 0 and below 1.
    package static func pairsNeeded(comparisons: Int, significance: Double = Comparison.significance) -> Int? {
        precondition(comparisons >= 1, "a correction is over one comparison or more")
        precondition(significance > 0 && significance < 1, "a significance is above 0 and below 1")
        return (1...exactPairs + 1).first { leastPValue(pairs: $0) * Double(comparisons) <= significance }
    }

    /// Splits the differences in two halves and counts, for each sum of the first, those of the second that go with it:
    /// the sums of few terms are as precise as they can be.
    private static func exact(_ signed: [Double], _ threshold: Double) -> Double {
        let half = signed.count / 2
        let one = sums(signed[..<half])
        let other = sums(signed[half...]).sorted()
        var extreme = 0
        for sum in one {
            extreme += other.countOfPrefix { $0 <= -threshold - sum }
            extreme += other.count - other.countOfPrefix { $0 < threshold - sum }
        }
        return Double(extreme) / Double(one.count * other.count)
    }

    /// The sums under all choices of signs.
    private static func sums(_ values: ArraySlice<Double>) -> [Double] {
        var sums = [0.0]
        for value in values { sums = sums.map { $0 + value } + sums.map { $0 - value } }
        return sums
    }

    private static func sampled(_ signed: [Double], _ threshold: Double, _ generator: RandomGenerator) -> Double {
        var random = generator
        var extreme = 0
        for _ in 0..<samples {
            var sum = 0.0
            var signs: UInt64 = 0
            for (place, value) in signed.enumerated() {
                if place % 64 == 0 { signs = random.next() }
                sum += signs & 1 == 0 ? value : -value
                signs >>= 1
            }
            if sum.magnitude >= threshold { extreme += 1 }
        }
        return Double(extreme + 1) / Double(samples + 1)
    }
}
