import StatorCore
import Testing

@testable import Analysis

@Suite struct ComparerTests {
    private static let two = [Design.Factor(name: "resolver", levels: ["lww", "dvv"])]

    /// Repetitions that differ much from one another, and a cell that is 20% above the other in each, but for noise.
    private func planted(_ ratio: Double, seed: UInt64, repetitions: Int = 12) -> MatrixMaker {
        var random = RandomGenerator(seed: seed)
        var matrix = MatrixMaker(Self.two)
        let base = (0..<repetitions).map { _ in 5 + 20 * random.fraction() }
        matrix.add(base.map { $0 * random.normal(mean: 1, deviation: 0.02) }, cell: 0)
        matrix.add(base.map { $0 * ratio * random.normal(mean: 1, deviation: 0.02) }, cell: 1)
        return matrix
    }

    @Test func aPlantedEffectIsFoundAmidRepetitionsThatDifferMore() throws {
        let comparison = try #require(planted(1.2, seed: 3).report().comparisons.first)
        #expect(comparison.factor == 0 && comparison.baseline == 0 && comparison.cell == 1 && comparison.pairs == 12)
        #expect(comparison.isCredible)
        #expect(comparison.interval.contains(1.2) && comparison.interval.contains(comparison.effect))
        #expect(comparison.interval.lowerBound > 1.15 && comparison.interval.upperBound < 1.25)
        #expect(comparison.pValue == 2 / 4096.0)
    }

    @Test func noEffectIsRarelyCredible() {
        let credible = (0..<40).count { planted(1, seed: $0).report().comparisons[0].isCredible }
        #expect(BinomialInterval.central(trials: 40, probability: 0.05, confidence: 0.999).contains(credible))
    }

    @Test func theEffectIsTheGeometricMeanOfThePairedRatios() throws {
        var matrix = MatrixMaker(Self.two)
        matrix.add([1, 2, 4], cell: 0)
        matrix.add([2, 8, 4], cell: 1)
        let comparison = try #require(matrix.report().comparisons.first)
        #expect(abs(comparison.effect - 2) < 1e-12)
        #expect(comparison.baselineMedian == 2 && comparison.median == 4)
        #expect(comparison.cliffsDelta == 5 / 9.0)
        #expect(comparison.pValue == 0.5)
        #expect(abs(comparison.interval.lowerBound - 1) < 1e-9 && abs(comparison.interval.upperBound - 4) < 1e-9)
    }

    @Test func sharesAreComparedByTheirDifference() throws {
        var matrix = MatrixMaker(Self.two, metrics: [MatrixMaker.stale])
        matrix.add([0, 0.25, 0.5], cell: 0, metric: MatrixMaker.stale)
        matrix.add([0.25, 0.25, 0.25], cell: 1, metric: MatrixMaker.stale)
        let comparison = try #require(matrix.report().comparisons.first)
        #expect(comparison.effect == 0)
        #expect(comparison.interval == -0.25...0.25)
        #expect(comparison.pValue == 1)
    }

    @Test func pairsAreMadeByRepetitionAndNotByOrder() {
        let matrix = planted(1.2, seed: 3)
        var shuffled = matrix
        var random = RandomGenerator(seed: 55)
        shuffled.runs.shuffle(using: &random)
        #expect(shuffled.runs.map(\.number) != matrix.runs.map(\.number))
        #expect(shuffled.report().text == matrix.report().text)
        // The same figures under other repetitions are other pairs.
        var crossed = matrix
        for place in 12..<24 { crossed.runs[place].repetition = (crossed.runs[place].repetition + 5) % 12 }
        let (one, other) = (matrix.report().comparisons[0], crossed.report().comparisons[0])
        #expect(abs(one.effect - other.effect) < 1e-9)
        #expect(other.pValue > 10 * one.pValue)
    }

    @Test func onlyRepetitionsThatBothHaveArePairs() {
        var matrix = planted(1.2, seed: 3)
        matrix.runs[0].metrics = [:]
        matrix.runs[14].metrics[MatrixMaker.latency.name] = .nan
        matrix.runs.remove(at: 5)
        #expect(matrix.report().comparisons[0].pairs == 9)
        var few = MatrixMaker(Self.two)
        few.add([1, 2], cell: 0)
        few.add([3], cell: 1)
        #expect(few.report().comparisons.isEmpty)
    }

    @Test func runsThatLostANodeOrBrokeOffAreLeftOutAndNamed() {
        var matrix = planted(1.2, seed: 3)
        matrix.runs[20].flags = ["saturated", "broke-off"]
        matrix.runs[3].flags = ["node-died"]
        matrix.runs[4].flags = ["saturated"]
        let report = matrix.report()
        #expect(report.leftOut == [3, 20])
        #expect(report.comparisons[0].pairs == 10)
    }

    @Test func ratiosNeedPositiveFiguresOrNothingButZeros() {
        func comparisons(_ one: [Double], _ other: [Double]) -> [Comparison] {
            var matrix = MatrixMaker(Self.two)
            matrix.add(one, cell: 0)
            matrix.add(other, cell: 1)
            return matrix.report().comparisons
        }
        #expect(comparisons([1, 2, 0], [1, 2, 3]).isEmpty)
        #expect(comparisons([1, 2, 3], [1, -2, 3]).isEmpty)
        #expect(comparisons([0, 0, 0], [0, 0, 1]).isEmpty)
        let zeros = comparisons([0, 0, 0], [0, 0, 0])
        #expect(zeros.map(\.effect) == [1] && zeros.map(\.pValue) == [1] && zeros.map(\.interval) == [1...1])
    }

    @Test func figuresDoNotDependOnWhatElseIsCompared() throws {
        let alone = planted(1.2, seed: 3)
        var more = alone
        more.design.metrics.append(MatrixMaker.rate)
        more.design.primaryMetrics.insert(MatrixMaker.rate.name, at: 0)
        for place in more.runs.indices { more.runs[place].metrics[MatrixMaker.rate.name] = Double(place + 1) }
        let comparisons = more.report().comparisons
        #expect(comparisons.map(\.metric) == [MatrixMaker.rate.name, MatrixMaker.latency.name])
        #expect(comparisons[1].interval == alone.report().comparisons[0].interval)
        for place in more.runs.indices {
            more.runs[place].metrics[MatrixMaker.rate.name] = more.runs[place].metrics[MatrixMaker.latency.name]
        }
        let alike = more.report().comparisons
        #expect(alike[0].effect == alike[1].effect && alike[0].interval != alike[1].interval)
        var reseeded = alone
        reseeded.design.seed = 2
        #expect(reseeded.report().comparisons[0].interval != alone.report().comparisons[0].interval)
    }
}
