/// Figures of one metric from two sets of runs that have nothing to do with one another.
struct FigureSamples {
    let baseline: [Double]
    let compared: [Double]

    init(_ baseline: [Double], _ compared: [Double]) {
        self.baseline = baseline
        self.compared = compared
    }

    var leastCount: Int { min(baseline.count, compared.count) }

    /// As ``FigurePairs/evaluation(_:_:)``, with the ratio or the difference of the means as the effect.
    ///
    /// O(``Bootstrap/resamples`` x n + ``PermutationTest/samples`` x n).
    func evaluation(_ scale: MetricDescription.Scale, _ seeds: SeedMixer) -> Evaluation? {
        guard leastCount >= FigurePairs.fewest else { return nil }
        var (intervalSeed, testSeed) = (seeds, seeds)
        intervalSeed.mix("interval")
        testSeed.mix("test")
        guard let (effect, interval) = effect(scale, intervalSeed.seed) else { return nil }
        return Evaluation(
            effect: effect, interval: interval, cliffsDelta: Analysis.cliffsDelta(compared, baseline),
            pValue: PermutationTest.pValue(compared, baseline, seed: testSeed.seed))
    }

    private func effect(
        _ scale: MetricDescription.Scale, _ seed: UInt64
    ) -> (effect: Double, interval: ClosedRange<Double>)? {
        let (before, after) = (Sample.mean(baseline), Sample.mean(compared))
        if scale == .difference {
            return (after - before, Bootstrap.differenceInterval(of: compared, minus: baseline, seed: seed))
        }
        let figures = baseline + compared
        if figures.allSatisfy({ $0 == 0 }) { return (1, 1...1) }
        guard figures.allSatisfy({ $0 > 0 }) else { return nil }
        return (after / before, Bootstrap.ratioInterval(of: compared, by: baseline, seed: seed))
    }
}
