/// Compares the cells of one matrix: what each level of a factor does, all other things equal.
///
/// - For each factor and each *context*, a combination of the other factors' levels, the cell of the first level that
///   was run in this context is the baseline, and every other cell of the context is compared with it. So a pruned
///   cell costs the comparisons with itself only.
/// - Runs are paired by their repetition: they met the same workload and faults, so what differs is the cell. Only runs
///   that did not lose a node or break off, and that have the metric, make pairs; with fewer than two pairs there is no
///   comparison.
/// - The effect on a ratio scale is the geometric mean of the paired ratios, on a difference scale the mean paired
///   difference; intervals are from ``Bootstrap``, p-values from ``SignFlipTest``, and ``Holm``'s correction is over
///   all comparisons of the matrix. Medians and Cliff's delta are of the runs that made pairs.
/// - On a ratio scale one figure that is not positive leaves the comparison out, unless all are 0: then the ratio is 1.
/// - Arms of a cell against itself are compared in the same way and not corrected: how often they differ
///   "significantly" is how often the method errs.
///
/// All draws begin from the design's seed and the place of the comparison: neither the order of the runs nor that of
/// the comparisons changes a figure. O(comparisons x resamples x repetitions).
package struct Comparer {
    private let design: Design
    private let metrics: [MetricDescription]
    private let table: RunTable

    /// - Parameters:
    ///   - design: each of its cells has a level of each factor. A primary metric that it does not describe is not
    ///     compared.
    ///   - runs: in any order. Those of cells that the design does not have are not compared.
    package init(_ design: Design, _ runs: [RunRecord]) {
        precondition(
            design.cells.allSatisfy { $0.levels.count == design.factors.count }, "a cell has a level of each factor")
        self.design = design
        metrics = design.primaryMetrics.compactMap { design.metric($0) }
        table = RunTable(runs)
    }

    package func report() -> ComparisonReport {
        var comparisons = design.factors.indices.flatMap { design.cellPairs(of: $0) }.flatMap { pair in
            metrics.compactMap { compare(pair.baseline, with: pair.cell, .main, $0, factor: pair.factor)?.comparison }
        }
        let adjusted = Holm.adjusted(comparisons.map(\.pValue))
        for (place, pValue) in adjusted.enumerated() { comparisons[place].adjustedPValue = pValue }
        let sameAgain = sameAgain()
        let trials = sameAgain.filter { SignFlipTest.leastPValue(pairs: $0.differing) <= Comparison.significance }
        return ComparisonReport(
            comparisons: comparisons, sameAgain: sameAgain.map(\.comparison), sameAgainTrials: trials.count,
            falsePositives: trials.count { $0.comparison.pValue <= Comparison.significance },
            expectedFalsePositives: BinomialInterval.central(
                trials: min(trials.count, BinomialInterval.mostTrials), probability: Comparison.significance,
                confidence: 0.99),
            leftOut: table.leftOut)
    }

    /// A comparison, and how many of its pairs have a say in the test.
    private struct Compared {
        var comparison: Comparison
        var differing: Int
    }

    /// Compares the arms of a cell against itself, two by two, each with its next. Never with the main arm: those of all
    /// cells share their seeds, and one odd draw of them would make false alarms everywhere at once.
    ///
    /// Of fewer than six pairs that differ, no choice of signs is significant at 5%: such comparisons are listed, but
    /// say nothing of how often the method errs, and ``report()`` does not count them as trials.
    private func sameAgain() -> [Compared] {
        design.cells.indices.flatMap { cell in
            table.sameAgainArms.filter { $0.isMultiple(of: 2) }.flatMap { arm in
                metrics.compactMap { metric in
                    compare(
                        cell, .sameAgain(arm), with: cell, .sameAgain(arm + 1), metric, factor: nil)
                }
            }
        }
    }

    private func compare(
        _ baseline: Int, _ baselineArm: RunRecord.Arm = .main, with cell: Int, _ arm: RunRecord.Arm,
        _ metric: MetricDescription, factor: Int?
    ) -> Compared? {
        let pairs = FigurePairs(
            table.runs(of: baseline, baselineArm), table.runs(of: cell, arm), by: \.repetition, metric: metric.name)
        let seeds = seeds(factor ?? -1, baseline, cell, arm, metric)
        guard let evaluation = pairs.evaluation(metric.scale, seeds) else { return nil }
        let comparison = Comparison(
            factor: factor, baseline: baseline, cell: cell, metric: metric.name, pairs: pairs.count,
            baselineMedian: Sample.median(pairs.baseline), median: Sample.median(pairs.compared),
            effect: evaluation.effect, interval: evaluation.interval, cliffsDelta: evaluation.cliffsDelta,
            pValue: evaluation.pValue)
        return Compared(comparison: comparison, differing: pairs.differing)
    }

    private func seeds(
        _ factor: Int, _ baseline: Int, _ cell: Int, _ arm: RunRecord.Arm, _ metric: MetricDescription
    ) -> SeedMixer {
        var seeds = SeedMixer(design.seed)
        seeds.mix(factor)
        seeds.mix(baseline)
        seeds.mix(cell)
        switch arm {
        case .main: seeds.mix(-1)
        case .sameAgain(let place): seeds.mix(place)
        }
        seeds.mix(metric.name)
        return seeds
    }
}
