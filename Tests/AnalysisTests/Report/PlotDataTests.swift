import StatorCore
import Testing

@testable import Analysis

@Suite struct PlotDataTests {
    @Test func theFrontierIsWhatNoPointBeats() {
        let points = [(3.0, 1.0), (1.0, 3.0), (2.0, 2.0), (2.0, 2.5), (3.0, 3.0), (1.0, 3.0), (4.0, 1.0)]
        #expect(ParetoFrontier.places(of: points.map { (x: $0.0, y: $0.1) }) == [1, 2, 0])
        #expect(ParetoFrontier.places(of: []).isEmpty)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func theFrontierIsThatOfThePairwiseDefinition(seed: UInt64) {
        var random = RandomGenerator(seed: seed)
        let points = (0..<40).map { _ in (x: Double(random.below(12)), y: Double(random.below(12))) }
        let frontier = ParetoFrontier.places(of: points)
        for (place, point) in points.enumerated() {
            let isBeaten = points.contains {
                $0.x <= point.x && $0.y <= point.y && ($0.x < point.x || $0.y < point.y)
            }
            let isThere = frontier.contains { points[$0] == point }
            #expect(isThere == !isBeaten, "\(place)")
        }
        #expect(Set(frontier.map { points[$0].x }).count == frontier.count)
    }

    private func run(_ points: [(Double, Double, Double)]) -> RunRecord {
        var run = TinyReport.run(0)
        run.series = [RunSeries(name: "s", points: points.map { .init(x: $0.0, y: $0.1, weight: $0.2) })]
        return run
    }

    @Test func pooledSharesAreWeightedByTheirReads() {
        let pooled = PooledSeries.weighted("s", of: [run([(1, 1, 300), (2, 1, 10)]), run([(1, 0, 100), (2, 0, 0)])])
        #expect(pooled == [.init(x: 1, y: 0.75, weight: 400), .init(x: 2, y: 1, weight: 10)])
    }

    @Test func stepsHoldUntilTheNext() {
        let pooled = PooledSeries.steps("s", of: [run([(0, 10, 1), (2, 0, 1)]), run([(0, 20, 1), (1, 6, 1)])])
        #expect(pooled.map(\.x) == [0, 1, 2])
        #expect(pooled.map(\.y) == [15, 8, 3])
    }

    @Test func loadIsRelativeToTheRunsOwnMean() {
        let pooled = PooledSeries.relative("s", of: [run([(0, 1, 1), (1, 3, 1)]), run([(0, 100, 1), (1, 100, 1)])])
        #expect(pooled.map(\.y) == [0.75, 1.25])
        #expect(PooledSeries.relative("s", of: [run([(0, 0, 1)])]).isEmpty)
    }

    @Test func thinnedLinesKeepTheirMean() {
        let points = (0..<100).map { RunSeries.Point(x: Double($0), y: Double($0)) }
        let thinned = PooledSeries.thinned(points, to: 10)
        #expect(thinned.count == 10)
        #expect(thinned.map(\.y).first == 4.5 && thinned.map(\.y).last == 94.5)
        #expect(PooledSeries.thinned(points, to: 100) == points)
    }

    @Test(arguments: [
        (0.0, "0"), (1234.5, "1,230"), (12.345, "12.3"), (0.00012345, "0.000123"), (1e-7, "1e-07"), (-3.14159, "−3.14"),
        (999.96, "1,000"), (1_234_567, "1,230,000"), (0.1 + 0.2, "0.3"), (100, "100"),
    ])
    func figuresHaveThreeSignificantDigits(figure: Double, text: String) {
        #expect(Figures.plain(figure) == text)
    }

    @Test func unitsAreScaledAndSharesArePercentages() {
        #expect(Figures.text(0.0312, of: TinyReport.metrics[1]) == "3.12%")
        #expect(Figures.text(12.5, of: TinyReport.metrics[0]) == "12.5 ms")
        let bytes = MetricDescription("b", "b", unit: "bytes", .neutral, .ratio, group: "g")
        #expect(Figures.text(2_530_000, of: bytes) == "2.53 MB")
        #expect(Figures.text(999, of: bytes) == "999 B")
    }

    @Test func quartilesAreThoseOfNumPy() {
        // numpy.percentile([1, 2, 4, 8], [25, 50, 75])
        let spread = CellSpread([8, 1, 4, 2])
        #expect(spread.map { [$0.lower, $0.median, $0.upper] } == [1.75, 3, 5])
    }
}
