import Analysis
import Workload

/// Matrices of a few runs, for claims about single figures.
enum TinyReport {
    static let metrics = [
        MetricDescription("readP99Milliseconds", "read p99", unit: "ms", .lowerIsBetter, .ratio, group: "Speed"),
        MetricDescription("lostShare", "lost updates", unit: "", .lowerIsBetter, .difference, group: "Consistency"),
    ]

    static func design(
        factors: [Design.Factor] = [Design.Factor(name: "resolver", levels: ["lww", "dvv"])],
        cells: [[Int]] = [[0], [1]]
    ) -> Design {
        Design(
            name: "tiny", question: "What?", environment: "simulated", factors: factors,
            cells: cells.map { Design.Cell(levels: $0) }, repetitions: 1, sameAgainCells: 0,
            primaryMetrics: metrics.map(\.name), metrics: metrics, seed: 1)
    }

    static func input(
        _ design: Design = design(), _ runs: [RunRecord] = [], _ comparisons: [Comparison] = [],
        sameAgain: [Comparison] = [], falsePositives: Int = 0, expected: ClosedRange<Int> = 0...0, leftOut: [Int] = []
    ) -> ReportInput {
        ReportInput(
            design: design, runs: runs,
            comparisons: ComparisonReport(
                comparisons: comparisons, sameAgain: sameAgain, sameAgainTrials: sameAgain.count,
                falsePositives: falsePositives,
                expectedFalsePositives: expected, leftOut: leftOut),
            configuration: "{}\n", provenance: [("commit", "0123abc")], reproduction: "stator-bench run tiny.json")
    }

    static func run(_ number: Int, cell: Int = 0) -> RunRecord {
        RunRecord(number: number, cell: cell, arm: .main, repetition: number, seed: UInt64(number))
    }

    /// - Parameter pValue: after the correction, too.
    static func comparison(
        _ metric: String, effect: Double, _ interval: ClosedRange<Double>, from: Double, to: Double, pValue: Double,
        pairs: Int = 20, cells: (Int, Int) = (0, 1), factor: Int? = 0
    ) -> Comparison {
        Comparison(
            factor: factor, baseline: cells.0, cell: cells.1, metric: metric, pairs: pairs, baselineMedian: from,
            median: to, effect: effect, interval: interval, cliffsDelta: -1, pValue: pValue)
    }

    static func histogram(milliseconds: Int64, count: Int) -> StoredHistogram {
        var histogram = LatencyHistogram()
        histogram.record(milliseconds * 1_000_000, count: count)
        return StoredHistogram(histogram)
    }
}
