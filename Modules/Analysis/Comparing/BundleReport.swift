/// One cell of two matrices in one metric, before and after a change.
package struct BundleComparison: Sendable {
    /// As of ``Design/name(of:)``, the same in both.
    package var cellName: String
    package var metric: MetricDescription
    /// Whether runs were paired by their seeds; otherwise they are two independent samples.
    package var isPaired: Bool
    /// How many runs were compared of each; equal where they are paired.
    package var runsBefore: Int
    package var runsAfter: Int
    /// Medians over these runs.
    package var medianBefore: Double
    package var medianAfter: Double
    /// After against before. On a ratio scale the geometric mean of the paired ratios, or the ratio of the means where
    /// nothing is paired; on a difference scale the difference of the means.
    package var effect: Double
    /// The 95% percentile-bootstrap interval of ``effect``.
    package var interval: ClosedRange<Double>
    /// In -1 ... 1: how much more often a run after the change is above one before it than below.
    package var cliffsDelta: Double
    /// Of the sign-flip test where runs are paired, else of the permutation test; two-sided.
    package var pValue: Double
    /// After Holm's correction over all comparisons of the two matrices.
    package var adjustedPValue: Double

    /// Whether the difference is more than chance would often make, after the correction.
    package var isCredible: Bool { adjustedPValue <= Comparison.significance }

    /// Whether it is worse in the metric's direction by more than a threshold; a neutral metric never is.
    ///
    /// - Parameter threshold: 0 or more; relative to before on a ratio scale (0.1 for a tenth), in the metric's unit
    ///   on a difference scale.
    package func isWorse(by threshold: Double) -> Bool {
        let change = metric.scale == .ratio ? effect - 1 : effect
        return switch metric.direction {
        case .lowerIsBetter: change > threshold
        case .higherIsBetter: -change > threshold
        case .neutral: false
        }
    }
}

/// What two matrices say of a change that lies between them.
package struct BundleReport: Sendable {
    /// In the order of the cells and primary metrics of the matrix before.
    package var comparisons: [BundleComparison]
    /// Names of cells that only one of the matrices has, in its order.
    package var onlyBefore: [String]
    package var onlyAfter: [String]
    /// Runs that are left out because they broke off or lost a node, by number.
    package var leftOutBefore: [Int]
    package var leftOutAfter: [Int]

    /// What became worse: credible (``BundleComparison/isCredible``) and by more than the threshold
    /// (``BundleComparison/isWorse(by:)``).
    ///
    /// - Parameter threshold: 0 or more. It is the same number for both scales: relative for ratios, absolute for
    ///   differences.
    package func worsened(by threshold: Double) -> [BundleComparison] {
        precondition(threshold >= 0, "a threshold is not negative")
        return comparisons.filter { $0.isCredible && $0.isWorse(by: threshold) }
    }
}
