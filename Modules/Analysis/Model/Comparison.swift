/// Two arms of a matrix compared in one metric, over runs that are paired by repetition.
package struct Comparison: Sendable {
    /// The factor whose levels are compared; `nil` where a cell is compared with itself.
    package var factor: Int?
    /// Places of the two cells in ``Design/cells``: what is compared with, and what is compared. Equal in an arm
    /// against itself.
    package var baseline: Int
    package var cell: Int
    package var metric: String
    /// How many pairs there were.
    package var pairs: Int
    /// Medians over the runs.
    package var baselineMedian: Double
    package var median: Double
    /// By the metric's scale: the geometric mean of the paired ratios, or the mean of the paired differences.
    package var effect: Double
    /// The 95% percentile-bootstrap interval of ``effect``.
    package var interval: ClosedRange<Double>
    /// Cliff's delta in -1 ... 1: how much more often a run of the cell is above one of the baseline than below.
    package var cliffsDelta: Double
    /// Of the exact (or sampled, above 16 pairs) sign-flip test, two-sided.
    package var pValue: Double
    /// After Holm's correction over all comparisons of the matrix; equal to ``pValue`` where none is made.
    package var adjustedPValue: Double

    package init(
        factor: Int?, baseline: Int, cell: Int, metric: String, pairs: Int, baselineMedian: Double, median: Double,
        effect: Double, interval: ClosedRange<Double>, cliffsDelta: Double, pValue: Double
    ) {
        self.factor = factor
        self.baseline = baseline
        self.cell = cell
        self.metric = metric
        self.pairs = pairs
        self.baselineMedian = baselineMedian
        self.median = median
        self.effect = effect
        self.interval = interval
        self.cliffsDelta = cliffsDelta
        self.pValue = pValue
        adjustedPValue = pValue
    }

    /// Fewer pairs than this make an interval that is only indicative.
    package static let fewPairs = 10
    package static let significance = 0.05

    package var isIndicative: Bool { pairs < Comparison.fewPairs }
    /// Whether the difference is more than chance would often make, after the correction.
    package var isCredible: Bool { adjustedPValue <= Comparison.significance }
}

/// Everything that the statistics say of a matrix.
package struct ComparisonReport: Sendable {
    /// In the order of factors, cells and metrics.
    package var comparisons: [Comparison]
    /// The arms of cells against themselves, uncorrected.
    package var sameAgain: [Comparison]
    /// How many of ``sameAgain`` could have come out significant at all: the others have too few pairs that differ.
    package var sameAgainTrials: Int
    /// How many of ``sameAgain`` came out significant at 5%.
    package var falsePositives: Int
    /// Where that count lies with 99% probability if the tests are right.
    package var expectedFalsePositives: ClosedRange<Int>
    /// Runs that are left out of all comparisons because they broke off or lost a node, by number.
    package var leftOut: [Int]

    package init(
        comparisons: [Comparison], sameAgain: [Comparison], sameAgainTrials: Int, falsePositives: Int,
        expectedFalsePositives: ClosedRange<Int>, leftOut: [Int]
    ) {
        self.comparisons = comparisons
        self.sameAgain = sameAgain
        self.sameAgainTrials = sameAgainTrials
        self.falsePositives = falsePositives
        self.expectedFalsePositives = expectedFalsePositives
        self.leftOut = leftOut
    }
}
