/// Compares two matrices cell by cell, such as before and after a change of the code.
///
/// - Cells belong together if they have the same name (``Design/name(of:)``), metrics if they are primary in both and
///   described with the same scale and direction.
/// - Simulated runs of the same seed met the same workload, network and faults: they are compared in pairs, as
///   ``Comparer`` does, if at least half of the runs of the side that has fewer find one of their seed. All others are
///   independent samples: an interval from resampling both, and ``PermutationTest``. Either needs two runs or pairs.
/// - On a ratio scale one figure that is not positive leaves the comparison out, unless all are 0: then the ratio is 1.
/// - ``Holm``'s correction is over all comparisons.
///
/// Only main arms are compared. O(comparisons x (resamples + splits) x repetitions).
package struct BundleComparer {
    private struct Side {
        var design: Design
        var table: RunTable
        var names: [String]

        /// Usable runs of a cell in the order of their seeds, each seed once.
        func runs(of cell: Int) -> [RunRecord] {
            var unique: [RunRecord] = []
            let runs = table.runs(of: cell, .main)
            for run in runs.sorted(by: { ($0.seed, $0.repetition) < ($1.seed, $1.repetition) })
            where unique.last?.seed != run.seed {
                unique.append(run)
            }
            return unique
        }
    }

    private let before: Side
    private let after: Side
    private let metrics: [MetricDescription]

    /// - Parameters:
    ///   - before: the design and the runs, in any order, of the first matrix. Each cell has a level of each factor.
    ///   - after: those of the second.
    package init(before: (design: Design, runs: [RunRecord]), after: (design: Design, runs: [RunRecord])) {
        func side(_ matrix: (design: Design, runs: [RunRecord])) -> Side {
            Side(
                design: matrix.design, table: RunTable(matrix.runs),
                names: matrix.design.cells.map { matrix.design.name(of: $0) })
        }
        self.before = side(before)
        self.after = side(after)
        metrics = before.design.primaryMetrics.compactMap { name in
            guard after.design.primaryMetrics.contains(name), let metric = after.design.metric(name),
                let known = before.design.metric(name), known.scale == metric.scale,
                known.direction == metric.direction
            else { return nil }
            return metric
        }
    }

    package func report() -> BundleReport {
        var places: [String: Int] = [:]
        for (cell, name) in after.names.enumerated() where places[name] == nil { places[name] = cell }
        var comparisons = before.names.enumerated().flatMap { cell, name in
            guard let other = places[name] else { return [BundleComparison]() }
            let (one, two) = (before.runs(of: cell), after.runs(of: other))
            return metrics.compactMap { compare(one, two, $0, name) }
        }
        let adjusted = Holm.adjusted(comparisons.map(\.pValue))
        for (place, pValue) in adjusted.enumerated() { comparisons[place].adjustedPValue = pValue }
        let known = Set(before.names)
        return BundleReport(
            comparisons: comparisons,
            onlyBefore: before.names.filter { places[$0] == nil },
            onlyAfter: after.names.filter { !known.contains($0) },
            leftOutBefore: before.table.leftOut, leftOutAfter: after.table.leftOut)
    }

    private func compare(
        _ one: [RunRecord], _ two: [RunRecord], _ metric: MetricDescription, _ cellName: String
    ) -> BundleComparison? {
        var seeds = SeedMixer(before.design.seed)
        seeds.mix(Int(truncatingIfNeeded: after.design.seed))
        seeds.mix(cellName)
        seeds.mix(metric.name)
        let figures = FigureSamples(
            one.compactMap { $0.figure(metric.name) }, two.compactMap { $0.figure(metric.name) })
        let pairs = FigurePairs(one, two, by: \.seed, metric: metric.name)
        let isSimulated = [before, after].allSatisfy { $0.design.environment == "simulated" }
        let isPaired = isSimulated && pairs.count > 0 && 2 * pairs.count >= figures.leastCount
        guard
            let evaluation = isPaired ? pairs.evaluation(metric.scale, seeds) : figures.evaluation(metric.scale, seeds)
        else { return nil }
        let (baseline, compared) =
            isPaired ? (pairs.baseline, pairs.compared) : (figures.baseline, figures.compared)
        return BundleComparison(
            cellName: cellName, metric: metric, isPaired: isPaired, runsBefore: baseline.count,
            runsAfter: compared.count, medianBefore: Sample.median(baseline), medianAfter: Sample.median(compared),
            effect: evaluation.effect, interval: evaluation.interval, cliffsDelta: evaluation.cliffsDelta,
            pValue: evaluation.pValue, adjustedPValue: evaluation.pValue)
    }
}
