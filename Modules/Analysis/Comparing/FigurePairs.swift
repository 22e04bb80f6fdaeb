#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Figures of one metric from runs that belong together two and two.
struct FigurePairs {
    /// Fewer pairs have no interval and are not compared.
    static let fewest = 2

    /// In the same order.
    private(set) var baseline: [Double] = []
    private(set) var compared: [Double] = []

    /// Pairs the runs that agree in a key and both have the metric. O(n + m).
    ///
    /// - Parameters:
    ///   - baseline: ascending by the key, each key once.
    ///   - compared: the same.
    init<Key: Comparable>(
        _ baseline: [RunRecord], _ compared: [RunRecord], by key: (RunRecord) -> Key, metric: String
    ) {
        var (one, other) = (0, 0)
        while one < baseline.count, other < compared.count {
            let (oneKey, otherKey) = (key(baseline[one]), key(compared[other]))
            if oneKey == otherKey, let before = baseline[one].figure(metric), let after = compared[other].figure(metric)
            {
                self.baseline.append(before)
                self.compared.append(after)
            }
            if oneKey <= otherKey { one += 1 }
            if otherKey <= oneKey { other += 1 }
        }
    }

    var count: Int { baseline.count }
    /// How many pairs are of two different figures: the others have no say in the test.
    var differing: Int { zip(baseline, compared).count { $0 != $1 } }

    /// What the pairs say; `nil` where they cannot be compared: there are fewer than ``fewest``, or the scale is that
    /// of ratios and a figure is not positive. Pairs that are all of 0 and 0 are equal on that scale too: their ratio
    /// is taken as 1. Dropping only the pairs without a ratio would choose by the outcome.
    ///
    /// O(``Bootstrap/resamples`` x n).
    func evaluation(_ scale: MetricDescription.Scale, _ seeds: SeedMixer) -> Evaluation? {
        guard count >= Self.fewest else { return nil }
        guard let differences = differences(scale) else { return nil }
        var (intervalSeed, testSeed) = (seeds, seeds)
        intervalSeed.mix("interval")
        testSeed.mix("test")
        let mean = Sample.mean(differences)
        let interval = Bootstrap.meanInterval(of: differences, seed: intervalSeed.seed)
        return Evaluation(
            effect: scale.effect(mean),
            interval: scale.effect(interval.lowerBound)...scale.effect(interval.upperBound),
            cliffsDelta: Analysis.cliffsDelta(compared, baseline),
            pValue: SignFlipTest.pValue(differences, seed: testSeed.seed))
    }

    /// Of the figures, or of their logarithms.
    private func differences(_ scale: MetricDescription.Scale) -> [Double]? {
        if scale == .difference { return zip(baseline, compared).map { $1 - $0 } }
        let figures = baseline + compared
        if figures.allSatisfy({ $0 == 0 }) { return baseline }
        guard figures.allSatisfy({ $0 > 0 }) else { return nil }
        return zip(baseline, compared).map { log($1) - log($0) }
    }
}

extension MetricDescription.Scale {
    /// Of a mean difference, on the logarithmic scale for ratios.
    fileprivate func effect(_ difference: Double) -> Double {
        self == .ratio ? exp(difference) : difference
    }
}
