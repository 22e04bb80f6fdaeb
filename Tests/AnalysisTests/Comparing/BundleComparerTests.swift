import StatorCore
import Testing

@testable import Analysis

@Suite struct BundleComparerTests {
    private static let factors = [Design.Factor(name: "resolver", levels: ["lww", "dvv"])]

    /// Two cells, of which the second is `ratio` times as slow as its seeds say.
    private func matrix(
        _ ratio: Double, environment: String = "simulated", noise seed: UInt64,
        metric: MetricDescription = MatrixMaker.latency
    ) -> MatrixMaker {
        var base = RandomGenerator(seed: 4)
        var noise = RandomGenerator(seed: seed)
        var matrix = MatrixMaker(Self.factors, metrics: [metric], environment: environment)
        for cell in 0..<2 {
            let figures = (0..<10).map { _ in
                (5 + 10 * base.fraction()) * noise.normal(mean: cell == 1 ? ratio : 1, deviation: 0.02)
            }
            matrix.add(figures, cell: cell, metric: metric)
        }
        return matrix
    }

    private func compare(_ before: MatrixMaker, _ after: MatrixMaker) -> BundleReport {
        BundleComparer(before: (before.design, before.runs), after: (after.design, after.runs)).report()
    }

    @Test func simulatedRunsArePairedBySeedWhateverTheirRepetition() {
        var after = matrix(1.2, noise: 2)
        for place in after.runs.indices { after.runs[place].repetition = 9 - after.runs[place].repetition }
        let report = compare(matrix(1, noise: 1), after)
        #expect(report.comparisons.map(\.cellName) == ["resolver=lww", "resolver=dvv"])
        #expect(report.comparisons.allSatisfy { $0.isPaired && $0.runsBefore == 10 && $0.runsAfter == 10 })
        #expect(report.comparisons[1].interval.contains(1.2) && report.comparisons[1].isCredible)
        #expect(!report.comparisons[0].isCredible)
        #expect(report.worsened(by: 0.1).map(\.cellName) == ["resolver=dvv"])
        #expect(report.worsened(by: 0.3).isEmpty)
    }

    @Test func otherRunsAreIndependentSamples() {
        let report = compare(matrix(1, environment: "local", noise: 1), matrix(3, environment: "local", noise: 2))
        #expect(report.comparisons.allSatisfy { !$0.isPaired })
        let slower = report.comparisons[1]
        #expect(slower.interval.contains(3) && slower.isCredible)
        // The repetitions' own spread, which pairs would have taken out, stays in.
        #expect(slower.interval.upperBound - slower.interval.lowerBound > 0.5)
        #expect(report.worsened(by: 0.1).map(\.cellName) == ["resolver=dvv"])
    }

    @Test func runsOfOtherSeedsOrEnvironmentsAreNotPaired() {
        var after = matrix(1.2, noise: 2)
        for place in after.runs.indices { after.runs[place].seed += 500 }
        #expect(compare(matrix(1, noise: 1), after).comparisons.allSatisfy { !$0.isPaired })
        let local = matrix(1.2, environment: "local", noise: 2)
        #expect(compare(matrix(1, noise: 1), local).comparisons.allSatisfy { !$0.isPaired })
    }

    @Test func theUnpairedEffectIsTheRatioOrTheDifferenceOfTheMeans() {
        func effect(_ metric: MetricDescription) -> BundleComparison {
            var before = MatrixMaker([], metrics: [metric], environment: "local")
            before.add([1, 2, 3], cell: 0, metric: metric)
            var after = before
            after.runs = []
            after.add([4, 6, 8, 10], cell: 0, metric: metric)
            return compare(before, after).comparisons[0]
        }
        #expect(effect(MatrixMaker.latency).effect == 3.5)
        #expect(effect(MatrixMaker.stale).effect == 5)
        let comparison = effect(MatrixMaker.latency)
        // As far apart are only the means of 6, 8 and 10 against the rest.
        #expect(comparison.runsBefore == 3 && comparison.runsAfter == 4 && comparison.cliffsDelta == 1)
        #expect(comparison.medianBefore == 2 && comparison.medianAfter == 7)
        #expect(comparison.cellName == "the only cell" && comparison.pValue == 2 / 35.0)
    }

    @Test func worseIsAsTheMetricSays() {
        let (before, after) = (matrix(1, noise: 1), matrix(1.2, noise: 2))
        #expect(compare(after, before).worsened(by: 0).isEmpty)
        let rates = (matrix(1, noise: 1, metric: MatrixMaker.rate), matrix(1.2, noise: 2, metric: MatrixMaker.rate))
        #expect(compare(rates.0, rates.1).worsened(by: 0).isEmpty)
        #expect(compare(rates.1, rates.0).worsened(by: 0.1).count == 1)
        let neutral = MetricDescription("seen", "Seen", unit: "", .neutral, .ratio, group: "Other")
        let (one, other) = (matrix(1, noise: 1, metric: neutral), matrix(1.2, noise: 2, metric: neutral))
        #expect(compare(one, other).worsened(by: 0).isEmpty)
        #expect(compare(one, other).comparisons[1].isCredible)
    }

    @Test func cellsAreMatchedByNameAndTheRestIsListed() {
        var before = matrix(1, noise: 1)
        var after = matrix(1, noise: 1)
        after.design.factors[0].levels = ["dvv", "vector"]
        before.runs[0].flags = ["broke-off"]
        let report = compare(before, after)
        #expect(report.comparisons.map(\.cellName) == ["resolver=dvv"])
        #expect(report.onlyBefore == ["resolver=lww"] && report.onlyAfter == ["resolver=vector"])
        #expect(report.leftOutBefore == [0] && report.leftOutAfter.isEmpty)
        // dvv was the second cell before and is the first after: the pairs are of those.
        #expect(
            report.comparisons[0].medianBefore
                == Sample.median(before.runs[10...].compactMap { $0.figure("latencyMs") }))
        #expect(
            report.comparisons[0].medianAfter == Sample.median(after.runs[..<10].compactMap { $0.figure("latencyMs") }))
    }

    @Test func theOrderOfRunsChangesNothing() {
        let (before, after) = (matrix(1, environment: "local", noise: 1), matrix(1.1, environment: "local", noise: 2))
        var shuffled = after
        var random = RandomGenerator(seed: 55)
        shuffled.runs.shuffle(using: &random)
        #expect("\(compare(before, after))" == "\(compare(before, shuffled))")
    }
}
